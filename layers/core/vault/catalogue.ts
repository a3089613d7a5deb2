import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { verdictsBelow, type Checked } from './checks.ts';
import { escapeSegment } from './key-escape.ts';
import {
  addressOf,
  claimPrefix,
  indexPrefix,
  indexRoot,
  itemPrefix,
  manifestKey,
  parseClaimKey,
  parseIndexKey,
  parseSnapshotKey,
  snapshotPrefix,
  type Source,
  type Verdict,
} from './layout.ts';
import { timeOf, type SnapshotId } from './snapshot-id.ts';
import { readManifest, type CheckedManifest, type Manifest, type SnapshotReference } from './manifest.ts';
import { withAllRefs } from './refs-since.ts';
import { completed } from './short-manifest.ts';
import type { ListedObject, Vault } from './storage/vault.ts';

/** A hundred thousand refs take about 10 MB. Above 512 MiB no string could hold it. */
const largestManifest = 256 << 20;

/** Snapshot ids begin with their year. It spares the keys of items that are nested in the one that is looked for. */
const firstOfSnapshotIds = '2';

/** What stands in the vault for one snapshot, known from keys alone. */
export interface SnapshotEntry {
  item: string;
  snapshot: SnapshotId;
  /** Without a manifest it is not a snapshot but what an attempt left behind. */
  hasManifest: boolean;
  /** When storage says that the manifest was written. */
  manifestModified: Date | undefined;
  /** Data, of this snapshot or left behind by an attempt at it. */
  objects: ListedObject[];
  /** The verdicts of checks. */
  checks: ListedObject[];
  /** The verdict of the latest check, where there was one. */
  checked: Verdict | undefined;
}

/** All that a vault holds of one item under one path, oldest first. */
export interface ItemEntry {
  /** The item's prefix. */
  item: string;
  /** As a person writes it. */
  address: string;
  snapshots: SnapshotEntry[];
  /** The keys of its claims. */
  claims: string[];
}

/** All that a vault holds of one item under all the paths that it ever had. */
export interface Lineage {
  /** As a person writes its present path. */
  address: string;
  /** Earlier addresses. */
  formerly: string[];
  /** The prefixes of all of its paths, also of one under which it has no whole snapshot yet. */
  paths: string[];
  /** Oldest first; whole ones only. */
  snapshots: SnapshotEntry[];
}

export interface Snapshot extends CheckedManifest {
  /** The manifest that holds the refs, with all of them: the snapshot's own, or that of the snapshot to which it is equal. */
  content: Manifest;
}

/** Finds items and snapshots by listing keys; reads a manifest only when it is asked for. */
export class Catalogue {
  readonly #vault: Vault;
  readonly #onRead: ((key: string, bytes: Buffer) => void) | undefined;

  /** @param onRead is given each manifest as it is stored, so that what needs its digest reads it no second time */
  constructor(vault: Vault, onRead?: (key: string, bytes: Buffer) => void) {
    this.#vault = vault;
    this.#onRead = onRead;
  }

  /** Every item of a source, in the order of their keys but for those nested in others. Reads no object. */
  items(source: Source): AsyncGenerator<ItemEntry> {
    return this.below(`${source}/`);
  }

  /** As `items`, of all that stands below a prefix; one that is an item's own is among them. */
  async *below(prefix: string): AsyncGenerator<ItemEntry> {
    const verdicts = await verdictsBelow(this.#vault, prefix);
    let current: ItemEntry | undefined;
    // An item whose path begins with another's lies between that one's keys, so the prefix tells items apart.
    const open = new Map<string, ItemEntry>();
    for await (const object of this.#vault.list(prefix)) {
      const place = parseSnapshotKey(object.key);
      const found = place?.item ?? parseClaimKey(object.key)?.item;
      if (found === undefined) continue;
      if (current?.item !== found) {
        for (const [item, entry] of open) {
          if (found.startsWith(item)) continue;
          open.delete(item);
          yield settled(entry, verdicts);
        }
        current = open.get(found) ?? emptyEntry(found);
        open.set(found, current);
      }
      if (place) addObject(current, object, place);
      else current.claims.push(object.key);
    }
    for (const entry of open.values()) yield settled(entry, verdicts);
  }

  /** One item's snapshots under one path, without its claims; empty where there are none. */
  async item(prefix: string): Promise<ItemEntry> {
    const entry = emptyEntry(prefix);
    const verdicts = verdictsBelow(this.#vault, `${prefix}${firstOfSnapshotIds}`);
    // It is waited for below; a failure of the list must not leave it without anyone to tell.
    verdicts.catch(() => undefined);
    for await (const object of this.#vault.list(`${prefix}${firstOfSnapshotIds}`)) {
      const place = parseSnapshotKey(object.key);
      if (place?.item === prefix) addObject(entry, object, place);
    }
    return settled(entry, await verdicts);
  }

  /** The keys of one item's claims. */
  async claims(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#vault.list(claimPrefix(prefix))) keys.push(key);
    return keys;
  }

  /** @throws {HoldfastError} NotFound or Damaged */
  async manifest(item: string, snapshot: SnapshotId): Promise<CheckedManifest> {
    const key = manifestKey(item, snapshot);
    const bytes = await readWhole(this.#vault.read(key), largestManifest, key);
    this.#onRead?.(key, bytes);
    return readManifest(bytes, key);
  }

  /** The prefixes under which an item of this id was ever stored. */
  async pathsOf(source: Source, id: string): Promise<string[]> {
    const paths: string[] = [];
    for await (const { key } of this.#vault.list(indexPrefix(source, id))) {
      const entry = parseIndexKey(key);
      if (entry) paths.push(entry.item);
    }
    return paths;
  }

  /**
   * Every item of a source with what it holds under earlier names, those that were renamed last. Reads no object, but
   * for the manifests under a path that several items have had one after the other. Beside the index only what is
   * renamed is held in memory.
   */
  async *lineages(source: Source): AsyncGenerator<Lineage> {
    const owners = await this.#owners(source);
    const paths = new Map<string, string[]>();
    for (const [path, ids] of owners) for (const id of ids) paths.set(id, [...(paths.get(id) ?? []), path]);
    const renamed = new Map<string, SnapshotEntry[]>();
    for await (const { item, snapshots } of this.items(source)) {
      const whole = snapshots.filter((entry) => entry.hasManifest);
      if (whole.length === 0) continue;
      const ids = owners.get(item) ?? new Set<string>();
      if (ids.size <= 1 && [...ids].every((id) => paths.get(id)?.length === 1)) {
        yield lineageOf(whole, [item]);
        continue;
      }
      for (const entry of whole) {
        const id = await this.#ownerOf(entry, ids);
        const known = renamed.get(id) ?? [];
        known.push(entry);
        renamed.set(id, known);
      }
    }
    for (const [id, entries] of renamed) {
      yield lineageOf(entries, [...new Set([...(paths.get(id) ?? []), ...entries.map(({ item }) => item)])]);
    }
  }

  /** The escaped ids of all items that ever had a path, by its prefix. */
  async #owners(source: Source): Promise<Map<string, Set<string>>> {
    const owners = new Map<string, Set<string>>();
    for await (const { key } of this.#vault.list(indexRoot(source))) {
      const entry = parseIndexKey(key);
      if (entry) owners.set(entry.item, (owners.get(entry.item) ?? new Set()).add(entry.id));
    }
    return owners;
  }

  /**
   * The escaped id of the item to which a snapshot belongs, as its manifest says: who may add to the index could
   * otherwise join the histories of two items.
   * @param candidates the escaped ids of the items that ever had its path: where its manifest cannot tell, the only one
   *   among them, or else its own key
   */
  async #ownerOf({ item, snapshot }: SnapshotEntry, candidates: ReadonlySet<string>): Promise<string> {
    try {
      return escapeSegment((await this.manifest(item, snapshot)).manifest.item.id);
    } catch (error) {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      const [only, ...more] = candidates;
      return only !== undefined && more.length === 0 ? only : snapshotPrefix(item, snapshot);
    }
  }

  /**
   * The whole snapshots of one item, oldest first, under its present path and under earlier ones; not those of another
   * item that had one of these paths before or since.
   */
  async lineage(source: Source, id: string, path: readonly string[]): Promise<SnapshotEntry[]> {
    const escaped = escapeSegment(id);
    const owners = await this.#owners(source);
    const here = itemPrefix(source, path);
    const earlier = [...owners].filter(([, ids]) => ids.has(escaped)).map(([prefix]) => prefix);
    const paths = new Set([here, ...earlier]);
    const snapshots: SnapshotEntry[] = [];
    for (const prefix of paths) {
      const candidates = owners.get(prefix) ?? new Set([escaped]);
      const alone = paths.size === 1 && candidates.size === 1 && candidates.has(escaped);
      for (const entry of (await this.item(prefix)).snapshots)
        if (entry.hasManifest && (alone || (await this.#ownerOf(entry, candidates)) === escaped)) snapshots.push(entry);
    }
    return snapshots.sort(byAge);
  }

  /**
   * A snapshot with what an `unchanged` one leaves to its parent. The parent is bound by the digest that the
   * dependent snapshot recorded.
   * @throws {HoldfastError} NotFound or Damaged
   */
  async snapshot(item: string, snapshot: SnapshotId): Promise<Snapshot> {
    const { manifest, digest } = await this.manifest(item, snapshot);
    let content = manifest;
    while (content.kind === 'unchanged') {
      if (!content.parent)
        throw new HoldfastError('Damaged', `${item}${snapshot} says that it equals another snapshot, but not which`);
      content = (await this.#referred(content.parent)).manifest;
    }
    content = await this.withRefs(content);
    return { manifest: completed(manifest, content), digest, content };
  }

  /** A manifest with all of its refs, also where it says only what has become of an earlier list. @throws {HoldfastError} Damaged */
  async withRefs(manifest: Manifest): Promise<Manifest> {
    const base = manifest.git?.refsSince?.base;
    return base ? withAllRefs(manifest, (await this.#referred(base)).manifest) : manifest;
  }

  async #referred({ item, snapshot, digest }: SnapshotReference): Promise<CheckedManifest> {
    const found = await this.manifest(item, snapshot).catch((error: unknown) => {
      if (!hasCode(error, 'NotFound')) throw error;
      throw new HoldfastError('Damaged', `${item}${snapshot}, on which a later snapshot builds, is gone`, {
        cause: error,
      });
    });
    if (found.digest !== digest)
      throw new HoldfastError('Damaged', `${item}${snapshot} is not the snapshot on which a later one was built`);
    return found;
  }
}

function emptyEntry(item: string): ItemEntry {
  return { item, address: addressOf(item), snapshots: [], claims: [] };
}

function addObject(entry: ItemEntry, object: ListedObject, place: { snapshot: SnapshotId; name: string }): void {
  let last = entry.snapshots.at(-1);
  if (last?.snapshot !== place.snapshot) {
    last = {
      item: entry.item,
      snapshot: place.snapshot,
      hasManifest: false,
      manifestModified: undefined,
      objects: [],
      checks: [],
      checked: undefined,
    };
    entry.snapshots.push(last);
  }
  const verdict = /^check-.*-(intact|damaged)\.json$/.exec(place.name)?.[1];
  // Until 0.2 verdicts stood here, where every writer of snapshots may add some. So they are only heeded where they
  // warn, and where no check of the present kind has come to another verdict.
  if (verdict !== undefined) {
    if (verdict === 'damaged') last.checked = verdict;
    last.checks.push(object);
  } else if (place.name === 'manifest.json') {
    last.hasManifest = true;
    last.manifestModified = object.modified;
  } else last.objects.push(object);
}

/** Adds what checks have found, and puts the snapshots in order. */
function settled(entry: ItemEntry, verdicts: ReadonlyMap<string, Checked>): ItemEntry {
  for (const one of entry.snapshots) {
    const checked = verdicts.get(snapshotPrefix(one.item, one.snapshot));
    if (!checked) continue;
    one.checked = checked.verdict;
    one.checks.push(...checked.objects);
  }
  entry.snapshots.sort(byAge);
  return entry;
}

/**
 * When a snapshot was made, in milliseconds: the earlier of the time in its id and the time at which storage says
 * that its manifest was written. So neither an id in the future nor a vault that was copied changes the order.
 */
export function madeAt({ snapshot, manifestModified }: SnapshotEntry): number {
  const named = timeOf(snapshot).getTime();
  return manifestModified ? Math.min(named, manifestModified.getTime()) : named;
}

/** Puts the older one first. */
export function byAge(a: SnapshotEntry, b: SnapshotEntry): number {
  return madeAt(a) - madeAt(b) || (a.snapshot < b.snapshot ? -1 : 1);
}

function lineageOf(entries: SnapshotEntry[], paths: string[]): Lineage {
  const snapshots = entries.sort(byAge);
  const addresses = [...new Set(snapshots.map(({ item }) => addressOf(item)).reverse())];
  return { address: addresses[0] ?? '', formerly: addresses.slice(1), paths, snapshots };
}
