import { recentRuns, type FailingItem } from '#core/run/recent-runs.ts';
import { Catalogue, type Lineage } from '#core/vault/catalogue.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import type { Source } from '#core/vault/layout.ts';
import { timeOf } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable } from '../../applicable.ts';
import { askedScope, askedSort } from '../../asked-scope.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { emptied } from '../../emptied.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatAge, formatBytes, formatDuration } from '../../format.ts';
import { staleBefore } from '../../stale-after.ts';
import { table } from '../../table.ts';
import type { ListFlags } from './options.ts';
import { restoreTimes } from './restore-time.ts';
import type { ListEvent } from './events.ts';

const heading = ['item', 'snapshots', 'size', 'newest', 'age', 'state'];

/**
 * Lists items by the keys in the vault; snapshots that an item has under an earlier name count as its own. What failed
 * in the last runs and was never stored is known from their reports.
 */
export async function list(context: Context, flags: ListFlags, only?: string): Promise<number> {
  refuseInapplicable(askedScope('listing'), context.given, askedSort(only));
  if (isEfs(only)) return (await import('../../efs/list.ts')).listEfs(context, flags);
  const { vault, output } = context;
  const listed = only === undefined ? sources : [parseSource(only)];
  await requireVault(vault, sources);
  const now = Date.now();
  const before = staleBefore(now, flags.staleAfter);
  const rows: string[][] = [];
  let bytes = 0;
  let snapshots = 0;
  let stale = 0;
  let neverStored = 0;
  let restoreMs = 0;
  const withoutSnapshots: Source[] = [];
  for (const source of listed) {
    const paths = new Set<string>();
    const catalogue = new Catalogue(vault);
    const times = flags.restoreTime ? await restoreTimes(vault, catalogue.lineages(source)) : undefined;
    for await (const lineage of catalogue.lineages(source)) {
      for (const path of lineage.paths) paths.add(path);
      const summary = summarise(lineage, before);
      const time = times?.get(summary.address);
      restoreMs += time?.milliseconds ?? 0;
      output.event<ListEvent>({ event: 'item', ...summary, ...(time ? { restoreTime: time } : {}) });
      bytes += summary.bytes;
      snapshots += summary.snapshots;
      if (summary.stale) stale++;
      rows.push([
        summary.address,
        count(summary.snapshots, 'snapshot'),
        formatBytes(summary.bytes),
        summary.newest,
        formatAge(now - Date.parse(summary.time)),
        ...(time ? [`${time.drilled ? '' : 'about '}${formatDuration(time.milliseconds)}`] : []),
        [
          summary.checked ?? '',
          summary.stale ? output.paint('yellow', 'stale') : '',
          summary.formerly.length === 0 ? '' : `(was ${summary.formerly.join(', ')})`,
        ]
          .filter((part) => part !== '')
          .join(' '),
      ]);
    }
    if (paths.size === 0) withoutSnapshots.push(source);
    for (const { address, name, runs, message } of await failingWithoutSnapshot(vault, source, paths)) {
      neverStored++;
      output.event<ListEvent>({ event: 'never-stored', address, name, runs, message });
      const state = output.paint('red', `failed in ${count(runs, 'run')}`);
      rows.push([
        address,
        count(0, 'snapshot'),
        '',
        'never stored',
        '',
        ...(times ? [''] : []),
        `${state}  ${message}`,
      ]);
    }
  }
  const items = rows.length - neverStored;
  const lost = await emptied(vault, withoutSnapshots);
  const [headings = '', ...lines] = await table([
    flags.restoreTime ? heading.toSpliced(-1, 0, 'restore') : heading,
    ...rows,
  ]);
  if (lines.length > 0) output.line(output.paint('dim', headings));
  for (const line of lines) output.result(line);
  output.event<ListEvent>({ event: 'total', items, snapshots, bytes, stale, neverStored });
  const notes = [
    stale > 0 ? `; ${stale} stale: not backed up for ${flags.staleAfter} hours` : '',
    neverStored > 0 ? `; ${neverStored} never stored` : '',
  ].join('');
  output.line(
    rows.length === 0
      ? `${vault.location} holds nothing${lost ? '' : ' yet'}`
      : `${count(items, 'item')}, ${count(snapshots, 'snapshot')}, ${formatBytes(bytes)} in ${vault.location}${notes}`,
  );
  if (flags.restoreTime && items > 0)
    output.line(
      `one after the other they take ${formatDuration(restoreMs)} to read and prove, by their drills; what the target takes comes on top`,
    );
  if (!lost) return exitCode.well;
  output.error(lost);
  return exitCode.damage;
}

/** @param paths the prefixes under which the vault holds snapshots of the source */
async function failingWithoutSnapshot(
  vault: Vault,
  source: Source,
  paths: ReadonlySet<string>,
): Promise<FailingItem[]> {
  const { failing } = await recentRuns(vault, source);
  const catalogue = new Catalogue(vault);
  const without: FailingItem[] = [];
  for (const item of failing) {
    // By its id, since an item that was renamed has its snapshots under another path.
    const known = await catalogue.pathsOf(source, item.id);
    if (!known.some((path) => paths.has(path))) without.push(item);
  }
  return without;
}

function summarise({ address, formerly, snapshots }: Lineage, before: number) {
  const newest = snapshots.at(-1)?.snapshot ?? '';
  return {
    address,
    formerly,
    snapshots: snapshots.length,
    bytes: snapshots.flatMap((snapshot) => snapshot.objects).reduce((sum, object) => sum + object.bytes, 0),
    newest,
    time: timeOf(newest).toISOString(),
    stale: timeOf(newest).getTime() < before,
    checked: snapshots.findLast((snapshot) => snapshot.checked !== undefined)?.checked,
  };
}
