import { hasCode } from '#core/runtime/errors.ts';
import type { Catalogue, SnapshotEntry } from './catalogue.ts';
import { itemPrefix } from './layout.ts';
import type { CheckedManifest, ManifestItem, SnapshotReference } from './manifest.ts';

/** What the vault holds of an item before it is backed up again. */
export interface Previous {
  /** All snapshots of the lineage that the decision may look at, oldest first. */
  entries: SnapshotEntry[];
  /** The newest sound manifest of the same item; absent where there is none. */
  latest: CheckedManifest | undefined;
  /** Whether the item's present path is known for this id, so that a rename would find it. */
  indexed: boolean;
  warnings: string[];
}

/**
 * Finds the snapshot on which the next one can build: the newest of this id, be it under the item's present path or
 * under one that it had before it was renamed.
 */
export async function findPrevious(catalogue: Catalogue, item: ManifestItem): Promise<Previous> {
  const path = itemPrefix(item.source, item.path);
  const [here, paths] = await Promise.all([catalogue.item(path), catalogue.pathsOf(item.source, item.id)]);
  const elsewhere = await Promise.all(
    paths.filter((prefix) => prefix !== path).map((prefix) => catalogue.item(prefix)),
  );
  // A chain may begin under an older path, so these count even where the newest snapshot is under the present one.
  const entries = [here, ...elsewhere]
    .flatMap(({ snapshots }) => snapshots)
    .sort((a, b) => (a.snapshot < b.snapshot ? -1 : 1));
  const { latest, others, damaged } = await newestOf(catalogue, entries, item.id);
  const warnings = damaged.map((entry) => `snapshot ${entry.snapshot} is damaged, so nothing builds on it`);
  const other = others.find(({ manifest }) => prefixOf(manifest.item) === path)?.manifest.item;
  if (latest && prefixOf(latest.manifest.item) !== path)
    warnings.push(`renamed: it was stored as ${latest.manifest.item.name} before`);
  else if (!latest && other)
    warnings.push(`the name ${item.name} belonged to another repository before (id ${other.id}): a new history begins`);
  return { entries, latest, indexed: paths.includes(path), warnings };
}

interface Newest {
  /** The newest readable manifest of this very item. */
  latest: CheckedManifest | undefined;
  /** What is newer: manifests of others under the same path, and damaged ones. */
  others: CheckedManifest[];
  damaged: SnapshotEntry[];
}

async function newestOf(catalogue: Catalogue, entries: SnapshotEntry[], id: string): Promise<Newest> {
  const others: CheckedManifest[] = [];
  const damaged: SnapshotEntry[] = [];
  for (const entry of entries.toReversed()) {
    if (!entry.hasManifest) continue;
    try {
      const found = await catalogue.manifest(entry.item, entry.snapshot);
      if (found.manifest.item.id === id) return { latest: found, others, damaged };
      others.push(found);
    } catch (error) {
      if (!hasCode(error, 'Damaged')) throw error;
      damaged.push(entry);
    }
  }
  return { latest: undefined, others, damaged };
}

/** Whether all data that a snapshot needs is there in full length, and no check has found any of it damaged. */
export function isSound({ manifest }: CheckedManifest, entries: SnapshotEntry[]): boolean {
  const sizes = new Map(entries.flatMap((entry) => entry.objects.map((object) => [object.key, object.bytes])));
  const damaged = new Set(
    entries.filter((entry) => entry.checked === 'damaged').map((entry) => `${entry.item}${entry.snapshot}/`),
  );
  return [...manifest.chain, ...manifest.data].every(
    (data) => sizes.get(data.key) === data.bytes && !damaged.has(data.key.slice(0, data.key.lastIndexOf('/') + 1)),
  );
}

export function referenceTo({ manifest, digest }: CheckedManifest): SnapshotReference {
  return { item: prefixOf(manifest.item), snapshot: manifest.snapshot, digest };
}

function prefixOf({ source, path }: ManifestItem): string {
  return itemPrefix(source, path);
}
