import pMap from 'p-map';
import { hasCode } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from './catalogue.ts';
import { verdictsBelow } from './checks.ts';
import { removingPrefix, snapshotPrefix, verdictsPrefix, type Source } from './layout.ts';
import { neededBy } from './manifest.ts';
import type { ListedObject, Vault } from './storage/vault.ts';

/** Manifests that are read at once: a bucket answers many requests as fast as one. */
const concurrency = 16;

/**
 * Data that no manifest names: what a killed or failed attempt stored; and what a removal that was killed left of checks
 * and marks. A backup that is under way looks the same, so age decides.
 * @param sources whose items are looked at
 * @param before only what was last changed before this moment
 * @param within only below these prefixes, which must be all that an item ever had
 */
export async function findLeftovers(
  vault: Vault,
  sources: readonly Source[],
  before: Date,
  within?: readonly string[],
): Promise<ListedObject[]> {
  const catalogue = new Catalogue(vault);
  const leftovers: ListedObject[] = [];
  for (const source of sources) {
    const prefixes = within?.filter((prefix) => prefix.startsWith(`${source}/`)) ?? [];
    if (within && prefixes.length === 0) continue;
    const entries: SnapshotEntry[] = [];
    for (const prefix of prefixes) entries.push(...(await catalogue.item(prefix)).snapshots);
    if (!within) for await (const { snapshots } of catalogue.items(source)) entries.push(...snapshots);
    for (const prefix of within ? prefixes : [`${source}/`]) {
      // What lies below an item may be of another one that is nested in it, whose snapshots are not known here.
      const own = (item: string): boolean => (within ? item === prefix : true);
      const orphans = await orphansBeside(vault, prefix, own, entries);
      leftovers.push(...orphans.filter(({ modified }) => modified < before));
    }
    const suspects = entries.filter(({ objects }) => objects.some(({ modified }) => modified < before));
    const { named, needed, unreadable } = await namedBy(catalogue, toRead(entries, suspects));
    for (const { item, snapshot, hasManifest, objects } of suspects) {
      // What an unreadable manifest names is needed again should an older version of it turn up, and so is what stands
      // beside one that is gone and that others need.
      if (unreadable.has(item) || (!hasManifest && needed.has(snapshotPrefix(item, snapshot)))) continue;
      leftovers.push(...objects.filter(({ key, modified }) => modified < before && !named.has(key)));
    }
  }
  return leftovers;
}

/** Verdicts on snapshots that are gone, and marks of removals that have ended. @param own tells whose they may be */
async function orphansBeside(
  vault: Vault,
  prefix: string,
  own: (item: string) => boolean,
  entries: SnapshotEntry[],
): Promise<ListedObject[]> {
  const whole = new Set(
    entries.filter(({ hasManifest }) => hasManifest).map(({ item, snapshot }) => snapshotPrefix(item, snapshot)),
  );
  // Those that stood beside a snapshot were listed with it.
  const orphans = entries.flatMap(({ item, hasManifest, checks }) =>
    hasManifest || !item.startsWith(prefix) || !own(item)
      ? []
      : checks.filter(({ key }) => !key.startsWith(verdictsPrefix(''))),
  );
  for (const [snapshot, { objects }] of await verdictsBelow(vault, prefix))
    if (!whole.has(snapshot) && own(itemOf(snapshot))) orphans.push(...objects);
  for await (const mark of vault.list(removingPrefix(prefix))) {
    const snapshot = `${mark.key.slice(removingPrefix('').length)}/`;
    if (!whole.has(snapshot) && own(itemOf(snapshot))) orphans.push(mark);
  }
  return orphans;
}

/** The prefix of the item of a snapshot, by the snapshot's own. */
function itemOf(snapshot: string): string {
  return snapshot.slice(0, snapshot.lastIndexOf('/', snapshot.length - 2) + 1);
}

/**
 * Data beside a manifest is named by that one or by none. Where the manifest is gone those of other snapshots may
 * still need the data, also under the names that the item had later: then all have to be read.
 */
function toRead(entries: SnapshotEntry[], suspects: SnapshotEntry[]): SnapshotEntry[] {
  const all = suspects.some(({ hasManifest }) => !hasManifest);
  return (all ? entries : suspects).filter(({ hasManifest }) => hasManifest);
}

/** The keys that manifests name, the prefixes of the snapshots that they need, and the items of which one cannot be read. */
async function namedBy(
  catalogue: Catalogue,
  entries: SnapshotEntry[],
): Promise<{ named: Set<string>; needed: Set<string>; unreadable: Set<string> }> {
  const named = new Set<string>();
  const needed = new Set<string>();
  const unreadable = new Set<string>();
  await pMap(
    entries,
    async ({ item, snapshot }) => {
      try {
        const { manifest } = await catalogue.manifest(item, snapshot);
        for (const { key } of [...manifest.chain, ...manifest.data]) named.add(key);
        for (const prefix of neededBy(manifest)) needed.add(prefix);
      } catch (error) {
        if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
        unreadable.add(item);
      }
    },
    { concurrency },
  );
  return { named, needed, unreadable };
}
