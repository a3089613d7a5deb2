import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import type { Catalogue } from './catalogue.ts';
import { indexKey, indexKeyByDepth, itemPrefix, manifestKey } from './layout.ts';
import { writeManifest, type CheckedManifest, type Manifest } from './manifest.ts';
import type { Vault } from './storage/vault.ts';

/** Says under which path an item of this id is stored. Written before the first manifest: alone it means nothing. */
export async function writeIndex(vault: Vault, item: Manifest['item']): Promise<void> {
  const prefix = itemPrefix(item.source, item.path);
  if (await noted(vault, indexKey(item.source, item.id, prefix))) return;
  if (await noted(vault, indexKeyByDepth(item.source, item.id, prefix))) return;
  throw new HoldfastError('StorageFailed', `the index of ${item.name} has no room for its path`);
}

/** @returns false where storage has a folder in the place of the key, or an object in that of a folder */
async function noted(vault: Vault, key: string): Promise<boolean> {
  try {
    await vault.create(key, Buffer.alloc(0));
    return true;
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists', 'KeyBlocked')) throw error;
    return error.code === 'AlreadyExists';
  }
}

/**
 * Makes the snapshot exist. Where its manifest exists already, be it that a storage error hid our own success or
 * that another attempt of the same run was quicker, that one counts.
 */
export async function commit(
  vault: Vault,
  catalogue: Catalogue,
  manifest: Manifest,
  policy: RetryPolicy,
): Promise<CheckedManifest> {
  const item = itemPrefix(manifest.item.source, manifest.item.path);
  const { text, digest } = writeManifest(manifest);
  try {
    await retry(() => vault.create(manifestKey(item, manifest.snapshot), Buffer.from(text)), policy);
    return { manifest, digest };
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
    const existing = await catalogue.manifest(item, manifest.snapshot);
    if (existing.digest === digest) return existing;
    if (existing.manifest.item.id !== manifest.item.id)
      throw new HoldfastError(
        'AlreadyExists',
        `${item}${manifest.snapshot} is taken by another repository (id ${existing.manifest.item.id})`,
      );
    await discard(vault, manifest);
    return existing;
  }
}

/**
 * Removes the data that was stored for a manifest that is not to be, and a pin that has done its service, where the vault
 * lets us; else pruning and retention do.
 */
export async function discard(
  vault: Vault,
  manifest: Manifest | undefined,
  ...pins: (string | undefined)[]
): Promise<void> {
  const keys = [...(manifest?.data ?? []).map(({ key }) => key), ...pins.filter((pin) => pin !== undefined)];
  await Promise.all(keys.map((key) => vault.remove(key).catch(() => undefined)));
}
