import { hasCode } from '#core/runtime/errors.ts';
import type { Catalogue, SnapshotEntry } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { CheckedManifest, ManifestItem, SnapshotReference } from '#core/vault/manifest.ts';

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
 * Finds the snapshot on which the next one can build: under the item's path, or, where that path has none of this
 * id, under the paths that the item had before it was renamed.
 */
export async function findPrevious(catalogue: Catalogue, item: ManifestItem): Promise<Previous> {
  const warnings: string[] = [];
  const here = await catalogue.item(itemPrefix(item.source, item.path));
  const found = await newestOf(catalogue, here.snapshots, item, warnings);
  if (found) return { entries: here.snapshots, latest: found, indexed: true, warnings };

  const elsewhere = (await catalogue.pathsOf(item.source, item.id)).filter((prefix) => prefix !== here.item);
  const older = await Promise.all(elsewhere.map((prefix) => catalogue.item(prefix)));
  const entries = older.flatMap((entry) => entry.snapshots).sort((a, b) => (a.snapshot < b.snapshot ? -1 : 1));
  const latest = await newestOf(catalogue, entries, item, warnings);
  if (latest) warnings.push(`renamed: it was stored as ${latest.manifest.item.name} before`);
  return { entries: [...entries, ...here.snapshots], latest, indexed: false, warnings };
}

/** The newest readable manifest of this very item. Manifests of others and damaged ones are passed over, and said. */
async function newestOf(
  catalogue: Catalogue,
  entries: SnapshotEntry[],
  item: ManifestItem,
  warnings: string[],
): Promise<CheckedManifest | undefined> {
  let reused = false;
  for (const entry of entries.toReversed()) {
    if (!entry.hasManifest) continue;
    try {
      const found = await catalogue.manifest(entry.item, entry.snapshot);
      if (found.manifest.item.id === item.id) return found;
      if (!reused)
        warnings.push(
          `the name ${item.name} belonged to another repository before (id ${found.manifest.item.id}): a new history begins`,
        );
      reused = true;
    } catch (error) {
      if (!hasCode(error, 'Damaged')) throw error;
      warnings.push(`snapshot ${entry.snapshot} is damaged, so nothing builds on it`);
    }
  }
  return undefined;
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
  return { item: itemPrefix(manifest.item.source, manifest.item.path), snapshot: manifest.snapshot, digest };
}
