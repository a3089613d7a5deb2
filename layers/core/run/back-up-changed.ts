import { Catalogue } from '#core/vault/catalogue.ts';
import { snapshotIdOf, timeOf } from '#core/vault/snapshot-id.ts';
import type { Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import { findPrevious } from '#core/vault/previous.ts';
import { backUpItem } from './back-up-item.ts';
import type { ItemRequest } from './item-request.ts';

/** An item that is said to have changed, and when it did for the last time. */
export interface ChangedItem {
  item: ManifestItem;
  time: Date;
}

/** Several events of one item are one change, of the time of the last. */
export function fold<Key>(events: readonly (ChangedItem & { key: Key })[]): (ChangedItem & { keys: Key[] })[] {
  const changed = new Map<string, ChangedItem & { keys: Key[] }>();
  for (const { item, time, key } of events) {
    const known = changed.get(item.id);
    const keys = [...(known?.keys ?? []), key];
    // The last event has the name that the item has now.
    changed.set(item.id, known && known.time > time ? { ...known, keys } : { item, time, keys });
  }
  return [...changed.values()];
}

/**
 * Backs up an item that has changed, unless a snapshot was begun since: it holds the change. The snapshot is named by
 * the time of the change, so that the same event leads to one snapshot however often it comes.
 * @returns nothing where there was nothing left to do
 */
export async function backUpChanged(
  request: Omit<ItemRequest, 'run'>,
  { item, time }: ChangedItem,
): Promise<Stored | Unchanged | PackageOutcome | undefined> {
  const { latest, storedAt } = await findPrevious(new Catalogue(request.vault), item);
  // What a manifest says of its time could be made up; that of storage could not.
  const begun = latest && Math.min(begunAt(latest.manifest), storedAt?.getTime() ?? Infinity);
  if (begun !== undefined && begun > time.getTime()) return undefined;
  return backUpItem({ ...request, run: snapshotIdOf(time) }, item);
}

/** Where a manifest does not say it, the time of its id, before which no backup of it begins. */
function begunAt({ started, snapshot }: Manifest): number {
  return started === undefined ? timeOf(snapshot).getTime() : Date.parse(started);
}
