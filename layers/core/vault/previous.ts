import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { byAge, type Catalogue, type SnapshotEntry } from './catalogue.ts';
import { itemPrefix, snapshotPrefix } from './layout.ts';
import { isOfTheFuture, type SnapshotId } from './snapshot-id.ts';
import type { CheckedManifest, Manifest, ManifestItem } from './manifest.ts';

/** What the vault holds of an item before it is backed up again. */
export interface Previous {
  /** All snapshots of the lineage that the decision may look at, oldest first. */
  entries: SnapshotEntry[];
  /** The newest sound manifest of the same item; absent where there is none. */
  latest: CheckedManifest | undefined;
  /** When storage received its manifest. */
  storedAt: Date | undefined;
  /** Whether the item's present path is known for this id, so that a rename would find it. */
  indexed: boolean;
  warnings: string[];
}

/** Reads what a snapshot stored, before anything is built on it. @throws {HoldfastError} Damaged */
export type Proof = (found: CheckedManifest) => Promise<void>;

/**
 * Finds the snapshot on which the next one can build: the newest of this id, be it under the item's present path or
 * under one that it had before it was renamed. Anybody who may add to the vault could have put a snapshot there, so one
 * of a time to come is not heeded, nor one whose own data is not what it says. What earlier snapshots stored, on which it
 * builds, was looked at when they were the newest.
 * @param prove absent where nothing will be built on it
 */
export async function findPrevious(catalogue: Catalogue, item: ManifestItem, prove?: Proof): Promise<Previous> {
  const path = itemPrefix(item.source, item.path);
  const [here, paths] = await Promise.all([catalogue.item(path), catalogue.pathsOf(item.source, item.id)]);
  const elsewhere = await Promise.all(
    paths.filter((prefix) => prefix !== path).map((prefix) => catalogue.item(prefix)),
  );
  // A chain may begin under an older path, so these count even where the newest snapshot is under the present one.
  const found = [here, ...elsewhere].flatMap(({ snapshots }) => snapshots).sort(byAge);
  const entries = await markEquals(catalogue, found);
  const { latest, entry, others, warnings } = await newestOf(catalogue, entries, item.id, prove);
  const other = others.find(({ manifest }) => prefixOf(manifest.item) === path)?.manifest.item;
  if (latest && prefixOf(latest.manifest.item) !== path)
    warnings.push(`renamed: it was stored as ${latest.manifest.item.name} before`);
  else if (!latest && other)
    warnings.push(`the name ${item.name} belonged to another repository before (id ${other.id}): a new history begins`);
  return { entries, latest, storedAt: entry?.manifestModified, indexed: paths.includes(path), warnings };
}

/**
 * Marks as damaged what a damaged snapshot says that it equals: a drill of the newest snapshot says so of that one, and
 * its data is that of an earlier one.
 */
async function markEquals(catalogue: Catalogue, entries: SnapshotEntry[]): Promise<SnapshotEntry[]> {
  const damaged = new Set<string>();
  for (const { item, snapshot, checked, hasManifest } of entries) {
    if (checked !== 'damaged' || !hasManifest) continue;
    const equal = await equalOf(catalogue, item, snapshot);
    if (equal !== undefined) damaged.add(equal);
  }
  return entries.map((entry) =>
    damaged.has(snapshotPrefix(entry.item, entry.snapshot)) ? { ...entry, checked: 'damaged' } : entry,
  );
}

async function equalOf(catalogue: Catalogue, item: string, snapshot: SnapshotId): Promise<string | undefined> {
  try {
    return contentOfEqual((await catalogue.manifest(item, snapshot)).manifest);
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return undefined;
  }
}

/** The prefix of the snapshot to which one is equal; undefined where it is equal to none. */
export function contentOfEqual({ kind, parent }: Manifest): string | undefined {
  return kind === 'unchanged' && parent ? snapshotPrefix(parent.item, parent.snapshot) : undefined;
}

interface Newest {
  /** The newest manifest of this very item that can be relied on. */
  latest: CheckedManifest | undefined;
  entry: SnapshotEntry | undefined;
  /** Newer manifests of others under the same path. */
  others: CheckedManifest[];
  /** What is newer and not heeded, and why. */
  warnings: string[];
}

/** Each of them costs a look at its data, and who can make one up can make up many. */
const mostProofs = 5;

async function newestOf(
  catalogue: Catalogue,
  entries: SnapshotEntry[],
  id: string,
  prove: Proof | undefined,
): Promise<Newest> {
  const others: CheckedManifest[] = [];
  const warnings: string[] = [];
  let failed = 0;
  for (const entry of entries.toReversed()) {
    if (!entry.hasManifest || failed === mostProofs) continue;
    if (isOfTheFuture(entry.snapshot, entry.manifestModified)) {
      warnings.push(`snapshot ${entry.snapshot} has a time in the future, so it is ignored`);
      continue;
    }
    try {
      const found = await catalogue.manifest(entry.item, entry.snapshot);
      if (found.manifest.item.id !== id) {
        others.push(found);
        continue;
      }
      if (entry.checked === undefined && isSound(found, entries)) await prove?.(found);
      return { latest: found, entry, others, warnings };
    } catch (error) {
      if (!hasCode(error, 'Damaged')) throw error;
      failed++;
      warnings.push(`snapshot ${entry.snapshot} is damaged, so nothing builds on it: ${error.message}`);
    }
  }
  return { latest: undefined, entry: undefined, others, warnings };
}

/**
 * The manifest that holds what the latest snapshot consists of, with all of its refs; undefined where it, or one that it
 * names for them, is damaged, so that a full snapshot follows.
 */
export async function contentOf(catalogue: Catalogue, previous: Previous): Promise<CheckedManifest | undefined> {
  const holder = await holderOf(catalogue, previous);
  try {
    return holder && { ...holder, manifest: await catalogue.withRefs(holder.manifest) };
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    previous.warnings.push(`nothing builds on snapshot ${holder?.manifest.snapshot ?? ''}: ${error.message}`);
    return undefined;
  }
}

async function holderOf(catalogue: Catalogue, { latest, warnings }: Previous): Promise<CheckedManifest | undefined> {
  const parent = latest?.manifest.parent;
  if (!latest || latest.manifest.kind !== 'unchanged' || !parent) return latest;
  try {
    const found = await catalogue.manifest(parent.item, parent.snapshot);
    if (found.digest === parent.digest) return found;
    warnings.push(`snapshot ${parent.snapshot} is not the one on which ${latest.manifest.snapshot} was built`);
  } catch (error) {
    if (!(error instanceof HoldfastError) || (error.code !== 'Damaged' && error.code !== 'NotFound')) throw error;
    warnings.push(`snapshot ${parent.snapshot} is damaged or gone, so nothing builds on it`);
  }
  return undefined;
}

/** Whether all data that a snapshot needs is there in full length, and no check has found it or any of them damaged. */
export function isSound({ manifest }: CheckedManifest, entries: SnapshotEntry[]): boolean {
  const sizes = new Map(entries.flatMap((entry) => entry.objects.map((object) => [object.key, object.bytes])));
  const damaged = new Set(
    entries.filter((entry) => entry.checked === 'damaged').map(({ item, snapshot }) => snapshotPrefix(item, snapshot)),
  );
  if (damaged.has(snapshotPrefix(prefixOf(manifest.item), manifest.snapshot))) return false;
  return [...manifest.chain, ...manifest.data].every(
    (data) => sizes.get(data.key) === data.bytes && !damaged.has(data.key.slice(0, data.key.lastIndexOf('/') + 1)),
  );
}

function prefixOf({ source, path }: ManifestItem): string {
  return itemPrefix(source, path);
}
