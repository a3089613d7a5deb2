import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { writeManifest, type Manifest } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { chooseIndexer } from '../restore/build-mirror.ts';
import { contentIn } from '../restore/content.ts';
import { proveRestorable } from '../restore/prove-restorable.ts';

/**
 * Restores a snapshot whose data is stored and whose manifest is not yet.
 * @returns Corrupt where it does not restore; not transient, since the server would send the same again
 * @throws {HoldfastError} others where it could not be tried
 */
export async function damageOf(
  { vault, signal }: { vault: Vault; signal?: AbortSignal | undefined },
  manifest: Manifest,
): Promise<HoldfastError | undefined> {
  if (manifest.data.length === 0) return undefined;
  const name = `${itemPrefix(manifest.item.source, manifest.item.path)}${manifest.snapshot}`;
  const content = contentIn({ ...writeManifest(manifest), manifest, content: manifest }, name);
  try {
    await proveRestorable(vault, content, { indexer: await chooseIndexer(), signal });
    return undefined;
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    return new HoldfastError('Corrupt', `the data that the server sent does not restore: ${error.message}`, {
      cause: error,
      advice: 'Run git fsck on the server, or clone the repository to see the damage. Nothing of it was stored.',
    });
  }
}
