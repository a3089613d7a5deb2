import { kindAt } from '#core/run/kinds/table.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Catalogue, SnapshotEntry } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { addressOf, isSource, itemPrefix, longItemsPrefix, type Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Chosen } from './plan.ts';
import type { Scope } from './scope.ts';

/** An item of the scope of which nothing can be restored, and why. */
export interface Without {
  address: string;
  why: string;
}

/**
 * The items of a scope, each with its newest snapshot that is not later than `until`. An item belongs to the path that
 * it had then; where several had the same, one after the other, the one that had it last is restored.
 */
export async function choose(
  catalogue: Catalogue,
  scope: Scope,
  until: SnapshotId | undefined,
): Promise<{ chosen: Chosen[]; without: Without[] }> {
  const byAddress = new Map<string, Chosen>();
  const without: Without[] = [];
  for (const source of scope.source === undefined ? sources : [scope.source])
    for await (const lineage of catalogue.lineages(source)) {
      const entry = lineage.snapshots.findLast(({ snapshot }) => until === undefined || snapshot <= until);
      if (!entry) {
        const [first] = lineage.snapshots;
        if (first && (await pathBelow(catalogue, source, scope.path, first)))
          without.push({ address: lineage.address, why: `its first snapshot, ${first.snapshot}, is later` });
        continue;
      }
      const found = await pathBelow(catalogue, source, scope.path, entry);
      if (!found) continue;
      const here = chosenOf(source, found, scope, entry);
      const other = byAddress.get(here.address);
      const older = other && other.entry.snapshot > entry.snapshot ? here : other;
      if (older)
        without.push({
          address: older.address,
          why: `another repository had its name later; its last snapshot is ${older.entry.snapshot}`,
        });
      if (older !== here) byAddress.set(here.address, here);
    }
  return { chosen: [...byAddress.values()], without };
}

function chosenOf(source: Source, path: readonly string[], scope: Scope, entry: SnapshotEntry): Chosen {
  const address = [source, ...path].join('/');
  const kind = kindAt(address);
  if (kind === undefined) throw new HoldfastError('Damaged', `${address} belongs to no source`);
  const top = scope.source === undefined ? [source, ...path] : path.slice(scope.path.length);
  return { address, source, kind, entry, below: top.length > 0 ? top : path.slice(-1) };
}

/** The path of a snapshot's item where it is at or below another; undefined where it is not. */
async function pathBelow(
  catalogue: Catalogue,
  source: Source,
  above: readonly string[],
  { item, snapshot }: SnapshotEntry,
): Promise<readonly string[] | undefined> {
  if (item.startsWith(longItemsPrefix(source))) {
    // Only its manifest tells a path that is too long for a key.
    const { path } = (await catalogue.manifest(item, snapshot)).manifest.item;
    return above.every((part, at) => path[at] === part) ? path : undefined;
  }
  if (above.length > 0 && !item.startsWith(itemPrefix(source, above))) return undefined;
  const [first, ...path] = addressOf(item).split('/');
  return isSource(first) ? path : undefined;
}
