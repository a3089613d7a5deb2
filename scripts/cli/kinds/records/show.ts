import { filesOf } from '#core/records/read-records.ts';
import type { ShowFlags } from '../../commands/show/options.ts';
import type { ShowEvent } from '../../commands/show/events.ts';
import type { Context } from '../../context.ts';
import { count, formatBytes } from '../../format.ts';
import { table } from '../../table.ts';
import type { Shown } from '../kind.ts';

/** How many records of which type a snapshot has, and up to when they were read. */
export async function showRecords(
  { output }: Context,
  _flags: ShowFlags,
  { snapshot: { manifest, content } }: Shown,
): Promise<void> {
  const { types = {}, reconciled } = manifest.records ?? {};
  const files = filesOf(content).map(({ id, name, bytes, sha256 }) => ({ id, name, bytes, sha256 }));
  output.event<ShowEvent>({ event: 'records', snapshot: manifest.snapshot, types, reconciled, files });
  const rows = Object.entries(types).map(([type, { stored, deleted, complete, watermark }]) => [
    type,
    `${stored.toLocaleString('en')} stored`,
    deleted > 0 ? `${deleted.toLocaleString('en')} deleted since and kept` : '',
    complete ? '' : 'incomplete',
    watermark === undefined ? '' : `up to ${watermark}`,
  ]);
  output.line(`records in ${manifest.snapshot}`);
  for (const line of await table(rows)) output.result(`  ${line}`);
  if (files.length > 0) {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    output.result(`  ${count(files.length, 'file')}, ${formatBytes(bytes)}`);
  }
  if (reconciled !== undefined) output.line(`  everything was looked at for ${reconciled}`);
}
