import { viewOf, type RecordView } from '#core/records/browse/view.ts';
import { filesOf, readRecords } from '#core/records/read-records.ts';
import { isBelow } from '#core/records/record-key.ts';
import type { RecordLine } from '#core/records/record-line.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { CatFlags } from '../../commands/cat/options.ts';
import type { CatEvent } from '../../commands/cat/events.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFile } from '../../print-file.ts';
import type { Shown } from '../kind.ts';

/** Prints a record with all that stands below it, as a thread that people read, or a file that belongs to records. */
export async function catRecords(
  { vault, output }: Context,
  _flags: CatFlags,
  { snapshot: { manifest, content }, typed }: Shown,
  path: string,
): Promise<number> {
  const { snapshot } = manifest;
  // GitHub's own addresses call a pull request by another name than an issue, and both share their numbers.
  const key = path.replace(/\/+$/, '').replace(/^pulls?\//, 'issues/');
  const file = filesOf(content).find(({ id, name }) => id === key || name === key);
  if (file) {
    await printFile(output, { snapshot, path: file.name }, readProven(vault, file));
    return exitCode.well;
  }
  const thread: RecordLine[] = [];
  for await (const line of readRecords(vault, content))
    if (line.key === key || isBelow(line.key, key)) thread.push(line);
  if (thread.length === 0)
    throw new HoldfastError('NotFound', `${typed} has no record ${JSON.stringify(key)} in ${snapshot}`, {
      advice: `holdfast ls ${typed} lists them.`,
    });
  const own = thread.filter((line) => line.key === key);
  const below = thread.filter((line) => line.key !== key).sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  for (const line of [...own, ...below]) output.event<CatEvent>({ event: 'record', snapshot, ...line });
  for (const line of [...own, ...below].map(viewOf))
    if (line.body !== undefined || line.key === key) for (const text of paragraphs(line)) output.result(text);
  if (own.length === 0 && below.every((line) => viewOf(line).body === undefined))
    for (const { key: at, record } of below) output.result(`${at}  ${JSON.stringify(record)}`);
  else if (own.length === 1 && viewOf(own[0] ?? below[0] ?? neverSaid).body === undefined)
    output.result(JSON.stringify(own[0]?.record, null, 2));
  return exitCode.well;
}

const neverSaid: RecordLine = { key: '', type: '', api: '', record: undefined };

function timeOf(line: RecordLine): string {
  return viewOf(line).at ?? '';
}

/** A head that says who, when and what, and then the text as it is. */
function paragraphs({ key, type, title, author, at, state, body, deleted }: RecordView): string[] {
  const head = [
    type,
    key,
    ...(author === undefined ? [] : [`by ${author}`]),
    ...(at === undefined ? [] : [at]),
    ...(state === undefined ? [] : [state.toLowerCase()]),
    ...(deleted === undefined ? [] : [`deleted at its source, seen ${deleted}`]),
  ].join(' · ');
  return [...(title === undefined ? [] : [title]), head, ...(body === undefined || body === '' ? [] : ['', body]), ''];
}
