import { HoldfastError } from './errors.ts';

/** Reads something small whole, such as an answer or a record. @throws {HoldfastError} TooLarge beyond the limit, in bytes. */
export async function readWhole(body: AsyncIterable<Uint8Array>, limit: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) throw new HoldfastError('TooLarge', `${what} is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
