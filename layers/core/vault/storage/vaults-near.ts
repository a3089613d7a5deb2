import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Source } from '../layout.ts';
import { isVault } from '../vault-sign.ts';
import { openVault, parseVaultLocation } from './open-vault.ts';

/** As many places below a location as are looked into. */
const mostLookedInto = 50;

/**
 * The vaults that stand one level below a location, or around it: what a person may have meant.
 * @returns their locations
 */
export async function vaultsNear(location: string, sources: readonly Source[]): Promise<string[]> {
  const found: string[] = [];
  for (const place of await placesNear(location)) if (await isVault(await openVault(place), sources)) found.push(place);
  return found;
}

async function placesNear(location: string): Promise<string[]> {
  const place = parseVaultLocation(location);
  if ('folder' in place) {
    const entries = await readdir(place.folder, { withFileTypes: true }).catch(() => []);
    const below = entries.filter((entry) => entry.isDirectory()).slice(0, mostLookedInto);
    return [path.dirname(path.resolve(place.folder)), ...below.map(({ name }) => path.join(place.folder, name))];
  }
  const { foldersBelow } = await import('./s3/folders-below.ts');
  const { bucket, prefix } = place;
  const around = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/')) : '';
  const below = await foldersBelow(bucket, prefix, mostLookedInto);
  const places = prefix === '' ? below : [around, ...below];
  return places.map((at) => `s3://${bucket}/${at}`);
}
