import { Readable } from 'node:stream';
import { RandomAccessReader, fromRandomAccessReaderPromise } from 'yauzl';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/http.ts';
import type { StoredAsset } from '../restore/stored-package.ts';
import { hashing, type Digests } from './hashing.ts';

/** No description of a package is larger. */
const largestEntry = 16 << 20;

/** A zip says at its end what it holds, and those of Python keep their description close to it. */
const tailBytes = 4 << 20;

/**
 * The first file of a zip that fits, and hashes of the whole archive. It is read once, and again only where the file
 * is far from its end.
 * @throws {HoldfastError} SourceUnsupported where it is no zip, Damaged
 */
export async function readZipEntry(
  asset: StoredAsset,
  fits: (name: string) => boolean,
  algorithms: readonly string[],
): Promise<{ entry: Buffer | undefined; digests: Digests }> {
  let digests: Digests = new Map();
  const tail: Buffer[] = [];
  let kept = 0;
  for await (const chunk of hashing(asset, algorithms, (taken) => (digests = taken))) {
    tail.push(chunk);
    kept += chunk.length;
    while (kept - (tail[0]?.length ?? 0) >= tailBytes) kept -= tail.shift()?.length ?? 0;
  }
  try {
    const reader = new StreamedZip(asset, Buffer.concat(tail));
    const zip = await fromRandomAccessReaderPromise(reader, asset.bytes, { autoClose: false });
    for await (const entry of zip.eachEntry()) {
      if (!fits(entry.fileName)) continue;
      const content = await zip.openReadStreamPromise(entry);
      return { entry: await readWhole(content as AsyncIterable<Buffer>, largestEntry, entry.fileName), digests };
    }
    return { entry: undefined, digests };
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    throw new HoldfastError('SourceUnsupported', `${asset.name} is no zip: ${messageOf(error)}`, { cause: error });
  }
}

class StreamedZip extends RandomAccessReader {
  readonly #asset: StoredAsset;
  readonly #tail: Buffer;

  constructor(asset: StoredAsset, tail: Buffer) {
    super();
    this.#asset = asset;
    this.#tail = tail;
  }

  /** @param end not included */
  override _readStreamForRange(start: number, end: number): Readable {
    const tailStart = this.#asset.bytes - this.#tail.length;
    if (start >= tailStart) return Readable.from([this.#tail.subarray(start - tailStart, end - tailStart)]);
    return Readable.from(range(this.#asset, start, end), { objectMode: false });
  }
}

async function* range(asset: StoredAsset, start: number, end: number): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of asset.read()) {
    if (at + chunk.length > start) yield chunk.subarray(Math.max(0, start - at), Math.min(chunk.length, end - at));
    at += chunk.length;
    if (at >= end) return;
  }
}
