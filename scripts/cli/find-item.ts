import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import { parseGitAddress } from '#core/sources/git/address.ts';
import type { Catalogue, ItemEntry, SnapshotEntry } from '#core/vault/catalogue.ts';
import { isSource, itemPrefix, sources } from '#core/vault/layout.ts';

export interface FoundItem {
  /** As a person writes it. */
  address: string;
  /** All snapshots of its lineage, under earlier names too, oldest first; never empty. */
  snapshots: SnapshotEntry[];
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
  const { manifest } = await catalogue.manifest(newest.item, newest.snapshot);
  const { source, id, path } = manifest.item;
  return { address: entry.address, snapshots: await catalogue.lineage(source, id, path) };
}

/**
 * The snapshot that a person means: its id, the beginning of one, or nothing for the newest.
 * @throws {HoldfastError} NotFound
 */
export function findSnapshot(item: FoundItem, typed: string | undefined): SnapshotEntry {
  const matching = item.snapshots.filter((entry) => entry.snapshot.startsWith(typed ?? ''));
  const newest = matching.at(-1);
  if (newest) return newest;
  const some = item.snapshots.slice(-5).map((entry) => entry.snapshot);
  throw new HoldfastError('NotFound', `${item.address} has no snapshot ${JSON.stringify(typed)}`, {
    advice: `Its newest are ${some.join(', ')}.`,
  });
}

async function byAddress(catalogue: Catalogue, typed: string): Promise<ItemEntry | undefined> {
  for (const [source, path] of readings(typed)) {
    const entry = await catalogue.item(itemPrefix(source, path));
    if (entry.snapshots.length > 0) return entry;
  }
  return undefined;
}

/** The items that the text can stand for without looking at the vault. */
function readings(typed: string): [(typeof sources)[number], readonly string[]][] {
  const [first = '', ...rest] = typed.split('/');
  const found: [(typeof sources)[number], readonly string[]][] = [];
  if (isSource(first) && rest.length > 0) found.push([first, rest]);
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
      if (entry.address.endsWith(`/${typed}`)) found.push(entry);
    }
  if (found.length < 2) return found[0];
  const names = found.map((entry) => entry.address).join(', ');
  throw new HoldfastError('Usage', `${JSON.stringify(typed)} can be ${names}`, { advice: 'Give the whole address.' });
}
