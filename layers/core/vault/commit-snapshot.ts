import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { Catalogue } from './catalogue.ts';
import { commit, discard, writeIndex } from './commit.ts';
import { writeManifest, type CheckedManifest, type Manifest } from './manifest.ts';
import { stillThere } from './removal.ts';
import type { Vault } from './storage/vault.ts';
import { pinned } from './under-way.ts';

export interface CommitContext {
  vault: Vault;
  catalogue: Catalogue;
  /** Whether the item's present path is known for its id. */
  indexed: boolean;
  /** Whether the inventory of a run under way says that this item may be backed up now; else a pin has to. */
  announced: boolean | undefined;
  retry: RetryPolicy;
}

/**
 * Makes a snapshot exist, once it is sure that what it builds on stays.
 * @returns nothing where it has to be begun again, since the vault has changed meanwhile
 */
export async function commitSnapshot(
  { vault, catalogue, indexed, announced, retry }: CommitContext,
  manifest: Manifest,
): Promise<CheckedManifest | undefined> {
  if (!indexed) await writeIndex(vault, manifest.item);
  const needsOthers = manifest.parent !== undefined || manifest.chain.length > 0;
  const pin = needsOthers && !announced ? await pinned(vault, manifest) : undefined;
  if (manifest.parent && !(await stillThere(vault, manifest.parent))) {
    await discard(vault, manifest, pin);
    return undefined;
  }
  const committed = await commit(vault, catalogue, manifest, retry);
  if (pin !== undefined) await discard(vault, undefined, pin);
  // Another attempt of the same run was quicker, or another writer put it there: the next round looks at it.
  return committed.digest === writeManifest(manifest).digest ? committed : undefined;
}
