import { recordChanges } from '#core/records/browse/changes.ts';
import { viewOf } from '#core/records/browse/view.ts';
import type { DiffFlags } from '../../commands/diff/options.ts';
import type { DiffEvent } from '../../commands/diff/events.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { changeSigns } from '../change-signs.ts';
import type { Shown } from '../kind.ts';
import { firstLine } from './ls.ts';

export async function diffRecords(
  { vault, output }: Context,
  _flags: DiffFlags,
  earlier: Shown,
  later: Shown,
): Promise<number> {
  let records = 0;
  for await (const { key, change, record, properties } of recordChanges(
    vault,
    earlier.snapshot.content,
    later.snapshot.content,
  )) {
    records++;
    output.event<DiffEvent>({ event: 'record', change, key, type: record.type, properties });
    const what = change === 'changed' ? `[${properties.join(', ')}]` : '';
    output.result([changeSigns[change], key, firstLine(viewOf(record)), what].filter((part) => part !== '').join('  '));
  }
  const [from, to] = [earlier.snapshot.manifest.snapshot, later.snapshot.manifest.snapshot];
  output.event<DiffEvent>({ event: 'total', from, to, records });
  output.line(`${count(records, 'record')} changed`);
  return exitCode.well;
}
