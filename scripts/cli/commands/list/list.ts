import { Catalogue, type Lineage } from '#core/vault/catalogue.ts';
import { parseSource, sources, timeOf } from '#core/vault/layout.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable } from '../../applicable.ts';
import { askedScope, askedSort } from '../../asked-scope.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes } from '../../format.ts';
import { table } from '../../table.ts';
import type { ListFlags } from './command.ts';

/** Lists items by the keys in the vault alone; snapshots that an item has under an earlier name count as its own. */
export async function list(context: Context, flags: ListFlags, only?: string): Promise<number> {
  refuseInapplicable(askedScope('listing'), context.given, askedSort(only));
  if (isEfs(only)) return (await import('../../efs/list.ts')).listEfs(context, flags);
  const { vault, output } = context;
  const listed = only === undefined ? sources : [parseSource(only)];
  await requireVault(vault);
  const rows: string[][] = [];
  let bytes = 0;
  let snapshots = 0;
  for (const source of listed) {
    for await (const lineage of new Catalogue(vault).lineages(source)) {
      const summary = summarise(lineage);
      output.event('item', summary);
      bytes += summary.bytes;
      snapshots += summary.snapshots;
      const former = summary.formerly.length === 0 ? '' : `(was ${summary.formerly.join(', ')})`;
      rows.push([
        summary.address,
        count(summary.snapshots, 'snapshot'),
        formatBytes(summary.bytes),
        summary.newest,
        `${summary.checked ?? ''} ${former}`.trim(),
      ]);
    }
  }
  for (const line of table(rows)) output.result(line);
  output.event('total', { items: rows.length, snapshots, bytes });
  output.line(
    rows.length === 0
      ? `${vault.location} holds nothing yet`
      : `${count(rows.length, 'item')}, ${count(snapshots, 'snapshot')}, ${formatBytes(bytes)} in ${vault.location}`,
  );
  return exitCode.well;
}

function summarise({ address, formerly, snapshots }: Lineage) {
  const newest = snapshots.at(-1)?.snapshot ?? '';
  return {
    address,
    formerly,
    snapshots: snapshots.length,
    bytes: snapshots.flatMap((snapshot) => snapshot.objects).reduce((sum, object) => sum + object.bytes, 0),
    newest,
    time: timeOf(newest).toISOString(),
    checked: snapshots.findLast((snapshot) => snapshot.checked !== undefined)?.checked,
  };
}
