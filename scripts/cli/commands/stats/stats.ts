import { Catalogue } from '#core/vault/catalogue.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes } from '../../format.ts';
import { table } from '../../table.ts';
import type { StatsEvent } from './events.ts';

/** So many of the largest items are named. */
const largestShown = 10;

interface Sum {
  items: number;
  snapshots: number;
  bytes: number;
  oldest: SnapshotId | undefined;
  newest: SnapshotId | undefined;
}

/** Adds up what the vault's keys say; reads no object. */
export async function stats({ vault, output }: Context, only?: string): Promise<number> {
  const asked = only === undefined ? sources : [parseSource(only)];
  await requireVault(vault, sources);
  const largest: { address: string; bytes: number }[] = [];
  const rows: string[][] = [];
  const total: Sum = { items: 0, snapshots: 0, bytes: 0, oldest: undefined, newest: undefined };
  for (const source of asked) {
    const sum: Sum = { items: 0, snapshots: 0, bytes: 0, oldest: undefined, newest: undefined };
    for await (const { address, snapshots } of new Catalogue(vault).lineages(source)) {
      const bytes = snapshots.flatMap(({ objects }) => objects).reduce((all, object) => all + object.bytes, 0);
      add(sum, {
        items: 1,
        snapshots: snapshots.length,
        bytes,
        oldest: snapshots[0]?.snapshot,
        newest: snapshots.at(-1)?.snapshot,
      });
      largest.push({ address, bytes });
      if (largest.length > 10 * largestShown) largest.sort(byBytes).splice(largestShown);
    }
    if (sum.items === 0) continue;
    add(total, sum);
    output.event<StatsEvent>({ event: 'source', source, ...sum });
    rows.push(rowOf(source, sum));
  }
  if (rows.length > 1) rows.push(rowOf('together', total));
  for (const line of await table(rows)) output.result(line);
  output.event<StatsEvent>({ event: 'total', ...total });
  const shown = largest.sort(byBytes).slice(0, largestShown);
  if (shown.length > 1) {
    output.line();
    output.line('The largest:');
    for (const { address, bytes } of shown) {
      output.event<StatsEvent>({ event: 'largest', address, bytes });
      output.line(`  ${formatBytes(bytes).padStart(9)}  ${address}`);
    }
  }
  return exitCode.well;
}

function byBytes(a: { bytes: number }, b: { bytes: number }): number {
  return b.bytes - a.bytes;
}

function add(sum: Sum, more: Sum): void {
  sum.items += more.items;
  sum.snapshots += more.snapshots;
  sum.bytes += more.bytes;
  if (more.oldest !== undefined && (sum.oldest === undefined || more.oldest < sum.oldest)) sum.oldest = more.oldest;
  if (more.newest !== undefined && (sum.newest === undefined || more.newest > sum.newest)) sum.newest = more.newest;
}

function rowOf(name: string, { items, snapshots, bytes, oldest, newest }: Sum): string[] {
  return [
    name,
    count(items, 'item'),
    count(snapshots, 'snapshot'),
    formatBytes(bytes),
    `${oldest?.slice(0, 10) ?? ''} to ${newest?.slice(0, 10) ?? ''}`,
  ];
}
