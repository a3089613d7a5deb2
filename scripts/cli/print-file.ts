import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import type { CatEvent } from './commands/cat/events.ts';
import type { Output } from './output.ts';

/**
 * Prints a file: as it is where the output goes into a file or a pipe; on a terminal as text, with control characters
 * shown as escapes, since a stored file must not be able to command it.
 * @param about what the event of `--json` says of it, beside its content in Base64
 */
export async function printFile(
  output: Output,
  about: Omit<Extract<CatEvent, { event: 'file' }>, 'event' | 'content'>,
  chunks: AsyncIterable<Buffer>,
): Promise<void> {
  if (output.json)
    output.event<CatEvent>({ event: 'file', ...about, content: (await buffer(chunks)).toString('base64') });
  else if (process.stdout.isTTY) output.result((await buffer(chunks)).toString('utf8').replace(/\n$/, ''));
  else await pipeline(chunks, process.stdout, { end: false });
}
