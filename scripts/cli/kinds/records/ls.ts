import { viewOf, type RecordView } from '#core/records/browse/view.ts';
import { isBelow } from '#core/records/record-key.ts';
import { filesOf, readRecords } from '#core/records/read-records.ts';
import type { LsFlags } from '../../commands/ls/options.ts';
import type { LsEvent } from '../../commands/ls/events.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { formatBytes } from '../../format.ts';
import type { Shown } from '../kind.ts';

/** Lists the records by their keys, and the files that belong to them. */
export async function lsRecords(
  { vault, output }: Context,
  _flags: LsFlags,
  { snapshot: { manifest, content } }: Shown,
  path: string,
): Promise<number> {
  for await (const line of readRecords(vault, content)) {
    if (path !== '' && line.key !== path && !isBelow(line.key, path)) continue;
    const view = viewOf(line);
    const { body: _, tag: __, ...shown } = view;
    output.event<LsEvent>({ event: 'record', snapshot: manifest.snapshot, ...shown });
    output.result(`${line.key}  ${firstLine(view)}`.trimEnd());
  }
  for (const { id, name, bytes, sha256 } of filesOf(content)) {
    if (path !== '' && id !== path && !isBelow(id, path)) continue;
    output.event<LsEvent>({ event: 'file', snapshot: manifest.snapshot, id, name, bytes, sha256 });
    output.result(`${id}  ${name}  ${formatBytes(bytes)}`);
  }
  return exitCode.well;
}

/** What a record is about, on one line. */
export function firstLine({ title, body, author, deleted }: RecordView): string {
  const [first = ''] = (title ?? body ?? '').trim().split(/\r?\n/);
  const short = first.length > longest ? `${first.slice(0, longest)}…` : first;
  return [short, ...(author === undefined ? [] : [`(${author})`]), ...(deleted === undefined ? [] : ['deleted'])]
    .filter((part) => part !== '')
    .join('  ');
}

const longest = 100;
