import { keptObjectives, missedObjectives } from '#core/run/measured-objectives.ts';
import { recentRuns } from '#core/run/recent-runs.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import type { Source } from '#core/vault/layout.ts';
import { timeOf } from '#core/vault/snapshot-id.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Context } from '../../context.ts';
import { emptied } from '../../emptied.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatAge, formatBytes } from '../../format.ts';
import { staleBefore } from '../../stale-after.ts';
import { table } from '../../table.ts';
import type { StatusFlags } from './options.ts';
import type { StatusEvent } from './events.ts';
import { metricsOf } from './metrics.ts';
import type { SourceStatus } from './source-status.ts';

/** So many names are printed of a long list; --json has them all. */
const namesShown = 10;

export async function status({ vault, output }: Context, flags: StatusFlags, only?: string): Promise<number> {
  if (flags.prometheus && flags.json)
    throw new HoldfastError('Usage', '--prometheus does not apply together with --json', {
      advice: 'Each prints for another program: give one of them.',
    });
  const asked = only === undefined ? sources : [parseSource(only)];
  await requireVault(vault, sources);
  const now = Date.now();
  const found: SourceStatus[] = [];
  for (const source of asked) {
    const one = await statusOf(vault, source, staleBefore(now, flags.staleAfter));
    if (one.items === 0 && one.lastRun === undefined) continue;
    found.push(one);
    output.event<StatusEvent>({ event: 'source', ...one });
  }
  if (flags.prometheus) for (const line of metricsOf(found)) output.result(line);
  else for (const one of found) await print(one);
  if (found.length === 0 && !flags.prometheus) output.result(`${vault.location} holds nothing yet`);
  const lost = await emptied(
    vault,
    found.filter(({ items }) => items === 0).map(({ source }) => source),
  );
  if (lost) output.error(lost);
  if (lost || found.some(({ damaged }) => damaged.length > 0)) return exitCode.damage;
  const well = found.every(({ stale, failing, lastRun, objectives }) => {
    if (missedObjectives(objectives).length > 0) return false;
    return stale.length === 0 && failing.length === 0 && lastRun?.result !== 'failed';
  });
  return well && found.length > 0 ? exitCode.well : exitCode.partial;

  async function print(one: SourceStatus): Promise<void> {
    const age = one.newest === undefined ? 'none' : `${formatAge(now - timeOf(one.newest).getTime())} ago`;
    const run = one.lastRun
      ? `${one.lastRun.result}, ${formatAge(now - Date.parse(one.lastRun.finished))} ago`
      : 'none';
    output.result(output.paint('bold', one.source));
    const rows = [
      ['  protected', `${count(one.items, 'item')}, ${count(one.snapshots, 'snapshot')}, ${formatBytes(one.bytes)}`],
      ['  newest snapshot', age],
      ['  last run', run],
      ...(one.objectives ? keptObjectives(one.objectives).map((line) => ['  objective', line]) : []),
      ['  proven', `${one.proven} of ${count(one.items, 'newest snapshot')}`],
    ];
    for (const line of await table(rows)) output.result(line);
    list(
      'objectives missed',
      missedObjectives(one.objectives),
      'by what the last run measured; holdfast report names the items',
    );
    list('damaged', one.damaged, 'holdfast verify shows what; the next run stores it again');
    list('stale', one.stale, `not backed up for ${flags.staleAfter} hours: no longer listed, or failing`);
    list(
      'failing',
      one.failing.map(({ name, runs, message }) => `${name}  (${count(runs, 'run')} in a row) ${message}`),
      'holdfast report has the reasons in full',
    );
  }

  function list(what: string, names: readonly string[], explanation: string): void {
    if (names.length === 0) return;
    output.result(`  ${output.paint(what === 'stale' ? 'yellow' : 'red', what)}: ${explanation}`);
    for (const name of names.slice(0, namesShown)) output.result(`    ${name}`);
    if (names.length > namesShown) output.result(`    and ${names.length - namesShown} more`);
  }
}

async function statusOf(vault: Vault, source: Source, before: number): Promise<SourceStatus> {
  const { last, failing } = await recentRuns(vault, source);
  const one: SourceStatus = {
    source,
    items: 0,
    snapshots: 0,
    bytes: 0,
    newest: undefined,
    proven: 0,
    damaged: [],
    stale: [],
    failing,
    lastRun: last && { run: last.run, result: last.result, finished: last.finished },
    objectives: last?.objectives,
  };
  for await (const { address, snapshots } of new Catalogue(vault).lineages(source)) {
    const newest: SnapshotEntry | undefined = snapshots.at(-1);
    if (!newest) continue;
    one.items++;
    one.snapshots += snapshots.length;
    one.bytes += snapshots.flatMap(({ objects }) => objects).reduce((sum, { bytes }) => sum + bytes, 0);
    if (one.newest === undefined || newest.snapshot > one.newest) one.newest = newest.snapshot;
    if (newest.checked === 'intact') one.proven++;
    if (newest.checked === 'damaged') one.damaged.push(address);
    if (timeOf(newest.snapshot).getTime() < before) one.stale.push(address);
  }
  return one;
}
