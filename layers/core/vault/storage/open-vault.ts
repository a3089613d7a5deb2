import { stat } from 'node:fs/promises';
import { HoldfastError } from '#core/runtime/errors.ts';
import { isLocalPath } from '#core/runtime/local-path.ts';
import { hasTokenForm } from '#core/runtime/redact.ts';
import { FolderVault } from './folder/folder-vault.ts';
import type { Vault } from './vault.ts';

/** What is left of S3's 1,024 bytes for the prefix, once the longest key below it, one of the index, is taken off. */
const longestPrefix = 100;

/** Where a vault is. */
export type VaultLocation = { folder: string } | { bucket: string; prefix: string };

/**
 * Opens the vault that a location names: `s3://bucket/prefix`, or a folder. Makes nothing and asks nothing of S3.
 * @param options.elsewhere whether it may be in another store than AWS's, as on a laptop
 * @param options.addOnly whether it is opened for someone who may only add to it, as the functions that write
 * @throws {HoldfastError} Usage
 */
export async function openVault(
  location: string,
  options: { elsewhere?: boolean; addOnly?: boolean } = {},
): Promise<Vault> {
  if (hasTokenForm(location)) throw new HoldfastError('Usage', 'the name of the vault looks like a token');
  const place = parseVaultLocation(location);
  if ('folder' in place) {
    const found = await stat(place.folder).catch(() => undefined);
    if (found && !found.isDirectory())
      throw new HoldfastError('Usage', `${place.folder} is a file, so it is not a valid vault location`, {
        advice: 'Give the folder of a vault, or s3://bucket/prefix.',
      });
    return new FolderVault(place.folder);
  }
  // Loaded only when needed: the SDK takes longer to load than all the rest.
  const { S3Vault } = await import('./s3/s3-vault.ts');
  return new S3Vault({ ...place, ...options });
}

/** @throws {HoldfastError} Usage, with the right form where it is known */
export function parseVaultLocation(location: string): VaultLocation {
  if (/^s3:\/\//i.test(location)) return parseS3Location(location);
  if (location.trim() === '')
    throw new HoldfastError('Usage', 'the location of the vault is empty', {
      advice:
        'Give a folder, or s3://bucket/prefix, by --vault or HOLDFAST_VAULT; a variable that is not set leaves it empty.',
    });
  if (isLocalPath(location)) return { folder: location };
  const form = rightForm(location);
  throw new HoldfastError('Usage', `${JSON.stringify(location)} is not a valid vault location`, {
    advice:
      form === undefined
        ? 'Give a folder, or s3://bucket/prefix. A relative folder whose name looks like an address begins with ./'
        : `Write ${form} instead.`,
  });
}

function rightForm(location: string): string | undefined {
  const [, bucket] = /^s3(?::\/?|\/\/?)([a-z0-9][a-z0-9.-]+(?:\/.*)?)$/i.exec(location) ?? [];
  if (bucket !== undefined) return `s3://${bucket}`;
  const [, named] = /^arn:aws[a-z-]*:s3:::(.+)$/.exec(location) ?? [];
  if (named !== undefined) return `s3://${named}`;
  const [, hosted, below] = /^https?:\/\/([a-z0-9.-]+)\.s3[.-][a-z0-9.-]*amazonaws\.com(\/.*)?$/i.exec(location) ?? [];
  if (hosted !== undefined) return `s3://${hosted}${below ?? ''}`;
  const [, folder] = /^file:(?:\/\/)?(\/.+)$/i.exec(location) ?? [];
  return folder;
}

/** @throws {HoldfastError} Usage */
export function parseS3Location(location: string): { bucket: string; prefix: string } {
  const [, bucket, rawPrefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(location) ?? [];
  if (bucket === undefined)
    throw new HoldfastError('Usage', `${JSON.stringify(location)} is not a valid vault location`, {
      advice: 'Give a folder, or s3://bucket/prefix; bucket names are lower-case.',
    });
  const prefix = rawPrefix.replace(/^\/+|\/+$/g, '');
  if (Buffer.byteLength(prefix) > longestPrefix)
    throw new HoldfastError('Usage', `the vault's prefix is longer than ${longestPrefix} bytes`);
  return { bucket, prefix };
}
