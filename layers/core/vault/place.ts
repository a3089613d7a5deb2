import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { Catalogue } from './catalogue.ts';
import { itemPrefix } from './layout.ts';
import { snapshotIdsOf, type SnapshotId } from './snapshot-id.ts';
import type { CheckedManifest, ManifestItem } from './manifest.ts';
import { isSound, type Previous } from './previous.ts';

/** Where a run puts its snapshot of an item. */
export interface Place {
  snapshot: SnapshotId;
  /** What stands under an id of this run already: of an attempt before this one, or of another writer. */
  found: CheckedManifest | undefined;
}

/** The newest snapshot under the ids of this run, and the first id that is free. */
export async function placeFor(
  catalogue: Catalogue,
  item: ManifestItem,
  run: SnapshotId,
  { entries }: Previous,
): Promise<Place> {
  const path = itemPrefix(item.source, item.path);
  const ids = snapshotIdsOf(run);
  const taken = entries.filter((entry) => entry.item === path && entry.hasManifest && ids.includes(entry.snapshot));
  const snapshot = ids.find((id) => !taken.some((entry) => entry.snapshot === id));
  if (snapshot === undefined)
    throw new HoldfastError('AlreadyExists', `${path}${run} is taken, and so are the ids after it`);
  const last = taken.at(-1);
  if (!last) return { snapshot, found: undefined };
  try {
    const found = await catalogue.manifest(last.item, last.snapshot);
    if (found.manifest.item.id === item.id && isSound(found, entries)) return { snapshot, found };
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
  }
  return { snapshot, found: undefined };
}
