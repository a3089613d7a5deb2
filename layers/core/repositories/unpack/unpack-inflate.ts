import { pipeline } from 'node:stream/promises';
import type { Gunzip, InflateRaw } from 'node:zlib';
import { HoldfastError } from '#core/runtime/errors.ts';

/**
 * Passes bytes through zlib. Ends well only when both have come to their end: bytes that follow would not have been
 * looked at, and a check at their end would not have run.
 */
export async function* inflate(packed: AsyncIterable<Buffer>, zlib: Gunzip | InflateRaw): AsyncGenerator<Buffer> {
  const fed = pipeline(packed, zlib);
  // What fails there also ends the loop here; unless it does so later.
  fed.catch(() => undefined);
  for await (const chunk of zlib as AsyncIterable<Buffer>) yield chunk;
  await fed.catch((error: unknown) => {
    if (error instanceof HoldfastError) throw error;
    throw new HoldfastError('Damaged', 'the archive is damaged: other data follows the compressed data', {
      cause: error,
    });
  });
}
