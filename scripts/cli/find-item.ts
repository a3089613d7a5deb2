import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import { parseGitAddress } from '#core/sources/git/address.ts';
import type { Catalogue, ItemEntry, SnapshotEntry } from '#core/vault/catalogue.ts';
import { definitionOf, sources } from '#core/sources/table.ts';
import { itemPrefix, longItemsPrefix, snapshotPrefix, type Source } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { isOfTheFuture, type SnapshotId } from '#core/vault/snapshot-id.ts';

export interface FoundItem {
  /** As a person writes it. */
  address: string;
  /** All snapshots of its lineage, under earlier names too, oldest first; never empty. */
  snapshots: SnapshotEntry[];
  /** Snapshots under the same address that say that they are of another item, oldest first. */
  others?: SnapshotEntry[] | undefined;
}

/**
 * Finds an item by what a person types: `github/acme/website`, `acme/website`, or the URL or folder of a plain Git
 * repository.
 * @throws {HoldfastError} NotFound
 */
export async function findItem(catalogue: Catalogue, typed: string): Promise<FoundItem> {
  const seen: string[] = [];
  const entry = (await byAddress(catalogue, typed)) ?? (await byEnding(catalogue, typed, seen));
  const newest = entry?.snapshots.findLast((snapshot) => snapshot.hasManifest);
  if (!entry || !newest) {
    const missing = `the vault holds no item ${JSON.stringify(typed)}`;
    throw new HoldfastError('NotFound', suggesting(missing, typed, seen), {
      advice: 'holdfast list shows what it holds.',
    });
  }
  const { source, id, path } = await itemOf(catalogue, entry);
  const snapshots = await catalogue.lineage(source, id, path);
  const own = new Set(snapshots.map(keyOf));
  const others = entry.snapshots.filter((one) => one.hasManifest && !own.has(keyOf(one)));
  return { address: entry.address, snapshots, others };
}

/**
 * Which item has an address: the one that the newest manifest there names which can be read. One that cannot, or that was
 * put there by somebody else, takes nothing away from the others.
 * @throws {HoldfastError} Damaged where none can be read
 */
async function itemOf(catalogue: Catalogue, { snapshots }: ItemEntry): Promise<ManifestItem> {
  let damage: HoldfastError | undefined;
  for (const { item, snapshot, hasManifest, manifestModified } of snapshots.toReversed()) {
    if (!hasManifest || isOfTheFuture(snapshot, manifestModified)) continue;
    try {
      return (await catalogue.manifest(item, snapshot)).manifest.item;
    } catch (error) {
      if (!(error instanceof HoldfastError) || !hasCode(error, 'Damaged')) throw error;
      damage ??= error;
    }
  }
  throw damage ?? new HoldfastError('Damaged', 'all of its snapshots have times in the future');
}

/** What a person selects by an address: items, and all that was stored below it. */
export interface Selected {
  /** Never empty. */
  items: FoundItem[];
  /** Whether an item of this prefix is, or was, one of them. */
  includes: (prefix: string) => boolean;
}

/**
 * Finds the item that a person types, as `findItem` does, and all items below it: of `github/acme/website` its wiki too,
 * of `github/acme` all repositories of that owner.
 * @throws {HoldfastError} NotFound
 */
export async function findItems(catalogue: Catalogue, typed: string): Promise<Selected> {
  for (const [source, path] of readings(typed)) {
    const below = path.length === 0 ? `${source}/` : itemPrefix(source, path);
    const found: SnapshotEntry[] = [];
    for await (const entry of catalogue.below(below)) found.push(...newestOf(entry));
    if (path.length > 0) found.push(...(await longOnes(catalogue, source, path, below)));
    if (found.length === 0) continue;
    const [only, ...more] = found;
    if (only?.item === below && more.length === 0) return selected([await findItem(catalogue, typed)], below);
    const wanted = new Set(found.map(keyOf));
    const items: FoundItem[] = [];
    for await (const lineage of catalogue.lineages(source))
      if (lineage.snapshots.some((entry) => wanted.has(keyOf(entry)))) items.push(lineage);
    return selected(items, below);
  }
  return selected([await findItem(catalogue, typed)], undefined);
}

function newestOf({ snapshots }: ItemEntry): SnapshotEntry[] {
  return snapshots.filter(({ hasManifest }) => hasManifest).slice(-1);
}

const keyOf = ({ item, snapshot }: SnapshotEntry): string => snapshotPrefix(item, snapshot);

/** Items below a path whose own is too long for a key: only their manifests tell it. */
async function longOnes(
  catalogue: Catalogue,
  source: Source,
  path: readonly string[],
  known: string,
): Promise<SnapshotEntry[]> {
  const found: SnapshotEntry[] = [];
  for await (const entry of catalogue.below(longItemsPrefix(source)))
    for (const newest of newestOf(entry)) {
      if (newest.item === known) continue;
      const { manifest } = await catalogue.manifest(newest.item, newest.snapshot);
      if (path.every((part, at) => manifest.item.path[at] === part)) found.push(newest);
    }
  return found;
}

function selected(items: FoundItem[], below: string | undefined): Selected {
  const prefixes = new Set(items.flatMap(({ snapshots }) => snapshots.map(({ item }) => item)));
  return {
    items,
    includes: (prefix) => prefixes.has(prefix) || (below !== undefined && prefix.startsWith(below)),
  };
}

/**
 * The snapshot that a person means: its id, the beginning of one, or nothing for the newest.
 * @param until no later one
 * @throws {HoldfastError} NotFound
 */
export function findSnapshot(item: FoundItem, typed: string | undefined, until?: SnapshotId): SnapshotEntry {
  const matching = fitting(item.snapshots, typed, until);
  const newest = matching.at(-1);
  if (newest) return newest;
  // What is asked for by its time is found also where the newest snapshot says that it is of another item.
  const asked = typed !== undefined || until !== undefined;
  const other = asked && item.others ? fitting(item.others, typed, until).at(-1) : undefined;
  if (other) return other;
  if (until !== undefined)
    throw new HoldfastError('NotFound', `${item.address} has no snapshot as old as ${until}`, {
      advice: `Its oldest is ${item.snapshots[0]?.snapshot ?? 'none'}.`,
    });
  const some = item.snapshots.slice(-5).map((entry) => entry.snapshot);
  throw new HoldfastError('NotFound', `${item.address} has no snapshot ${JSON.stringify(typed)}`, {
    advice: `Its newest are ${some.join(', ')}.`,
  });
}

function fitting(entries: readonly SnapshotEntry[], typed: string | undefined, until: SnapshotId | undefined) {
  return entries.filter(
    ({ snapshot }) => snapshot.startsWith(typed ?? '') && (until === undefined || snapshot <= until),
  );
}

/**
 * The same of several items: of each that has it, at least of one.
 * @throws {HoldfastError} NotFound
 */
export function findSnapshots(items: readonly FoundItem[], typed: string | undefined): SnapshotEntry[] {
  const [first, ...more] = items;
  const having = items.filter(({ snapshots }) => snapshots.some((entry) => entry.snapshot.startsWith(typed ?? '')));
  if (first && (having.length === 0 || more.length === 0)) return [findSnapshot(first, typed)];
  return having.map((item) => findSnapshot(item, typed));
}

async function byAddress(catalogue: Catalogue, typed: string): Promise<ItemEntry | undefined> {
  for (const [source, path] of readings(typed)) {
    if (path.length === 0) continue;
    const entry = await catalogue.item(itemPrefix(source, path));
    if (entry.snapshots.length > 0) return entry;
  }
  return undefined;
}

/** The items that the text can stand for without looking at the vault. */
function readings(typed: string): [Source, readonly string[]][] {
  const [first = '', ...rest] = typed.split('/');
  const found: [Source, readonly string[]][] = [];
  if (definitionOf(first)) found.push([first, rest]);
  try {
    found.push(['git', parseGitAddress(typed).item.path]);
  } catch {
    // Not every item is a Git address.
  }
  return found;
}

/** With the addresses that may have been meant, by as many of their last parts as were typed, `.git` or not. */
function suggesting(wrong: string, typed: string, addresses: readonly string[]): string {
  const parts = typed.split('/').length;
  const bare = (text: string): string =>
    text
      .split('/')
      .slice(-parts)
      .join('/')
      .replace(/\.git$/, '');
  const byEnd = new Map(addresses.map((address) => [bare(address), address]));
  return withSuggestion(wrong, bare(typed), byEnd.keys(), (end) => byEnd.get(end) ?? end);
}

/** An item whose address ends so, as long as there is only one. @param seen gets every address */
async function byEnding(catalogue: Catalogue, typed: string, seen: string[]): Promise<ItemEntry | undefined> {
  const found: ItemEntry[] = [];
  for (const source of sources)
    for await (const entry of catalogue.items(source)) {
      seen.push(entry.address);
      // One whose name is too long for a key is called by its digest, which is no path that could be read.
      if (entry.address === typed || entry.address.endsWith(`/${typed}`)) found.push(entry);
    }
  if (found.length < 2) return found[0];
  const names = found.map((entry) => entry.address).join(', ');
  throw new HoldfastError('Usage', `${JSON.stringify(typed)} can be ${names}`, { advice: 'Give the whole address.' });
}
