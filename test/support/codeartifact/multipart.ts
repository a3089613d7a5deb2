/** Forms of the type multipart/form-data, read as they come (RFC 7578). */
import { badRequest } from './problem.ts';

export interface Part {
  name: string;
  /** Of a file. */
  filename: string | undefined;
  /** To be read before the next part is asked for. */
  body: AsyncIterable<Buffer>;
}

/** The parts of a form, one after the other. */
export async function* partsOf(contentType: string | undefined, body: AsyncIterable<Buffer>): AsyncGenerator<Part> {
  const [, quoted, plain = quoted] =
    /^multipart\/[^;]+;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '') ?? [];
  if (plain === undefined) throw badRequest('the body is not a form with a boundary');
  const delimiter = Buffer.from(`\r\n--${plain}`);
  const input = new Input(body, Buffer.from('\r\n'));
  await drain(input.until(delimiter));
  for (;;) {
    const line = await text(input.until(Buffer.from('\r\n')));
    if (line.startsWith('--')) return;
    const headers = await text(input.until(Buffer.from('\r\n\r\n')));
    const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
    const [, name] = /[; ]name="?([^";]*)"?/i.exec(disposition) ?? [];
    const [, filename] = /[; ]filename="?([^";]*)"?/i.exec(disposition) ?? [];
    const content = input.until(delimiter);
    yield { name: name ?? '', filename, body: content };
    await drain(content);
  }
}

/** Reads on until a delimiter, which is left out, and keeps what comes behind it. */
class Input {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer;

  constructor(body: AsyncIterable<Buffer>, before: Buffer) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#rest = before;
  }

  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#rest.indexOf(delimiter);
      if (end >= 0) {
        const last = this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end + delimiter.length);
        yield last;
        return;
      }
      // The delimiter may begin in what has come.
      const safe = Math.max(0, this.#rest.length - delimiter.length);
      const piece = this.#rest.subarray(0, safe);
      this.#rest = this.#rest.subarray(safe);
      if (piece.length > 0) yield piece;
      const result = await this.#chunks.next();
      if (result.done === true) throw badRequest('the form ends in the middle');
      this.#rest = Buffer.concat([this.#rest, result.value]);
    }
  }
}

async function text(chunks: AsyncIterable<Buffer>): Promise<string> {
  let all = '';
  for await (const chunk of chunks) all += chunk.toString();
  return all;
}

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}
