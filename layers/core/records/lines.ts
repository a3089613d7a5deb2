import { StringDecoder } from 'node:string_decoder';
import { HoldfastError } from '#core/runtime/errors.ts';

/** Longer ones are not ours: a record of GitHub's has some hundred kilobytes at most. In characters. */
const longestLine = 256 << 20;

/** The lines of a text that comes in chunks, without their ends. A last line without an end is given as well. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const parts = decoder.write(chunk).split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      yield rest.length > 0 ? rest.join('') + part : part;
      rest = [];
      length = 0;
    }
    if (last !== '') rest.push(last);
    if ((length += last.length) > longestLine) throw new HoldfastError('Damaged', 'a line does not end');
  }
  const left = rest.join('') + decoder.end();
  if (left !== '') yield left;
}
