import { Readable } from 'node:stream';
import { RandomAccessReader, fromRandomAccessReaderPromise } from 'yauzl';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import type { StoredAsset } from '../restore/stored-package.ts';
import { hashing, type Digests } from './hashing.ts';

/** No description of a package is larger. */
const largestEntry = 16 << 20;

/** A zip says at its end what it holds, and those of Python keep their description close to it. */
const tailBytes = 4 << 20;

/**
 * The first file of a zip that fits, and hashes of the whole archive. It is read once, and again only where the file
 * is far from its end.
 * @throws {HoldfastError} SourceUnsupported where it is not a zip archive, Damaged
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
    // A name that yauzl refuses, because it leads out of the folder, must not keep another from being read.
    const zip = await fromRandomAccessReaderPromise(reader, reader.bytes, { autoClose: false, decodeStrings: false });
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileNameRaw.toString('utf8');
      if (!fits(name)) continue;
      const content = await zip.openReadStreamPromise(entry);
      return { entry: await readWhole(content as AsyncIterable<Buffer>, largestEntry, name), digests };
    }
    return { entry: undefined, digests };
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    throw new HoldfastError('SourceUnsupported', `${asset.name} is not a readable zip archive: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

class StreamedZip extends RandomAccessReader {
  readonly #asset: StoredAsset;
  readonly #tail: Buffer;
  readonly #start: number;
  /** Of the archive, without what stands before and after it. */
  readonly bytes: number;

  constructor(asset: StoredAsset, tail: Buffer) {
    super();
    this.#asset = asset;
    this.#tail = tail;
    const { start, end } = boundsOf(tail, asset.bytes);
    this.#start = start;
    this.bytes = end - start;
  }

  /** @param end not included */
  override _readStreamForRange(from: number, end: number): Readable {
    const [first, last] = [this.#start + from, this.#start + end];
    const tailStart = this.#asset.bytes - this.#tail.length;
    if (first >= tailStart) return Readable.from([this.#tail.subarray(first - tailStart, last - tailStart)]);
    return Readable.from(range(this.#asset, first, last), { objectMode: false });
  }
}

/**
 * Where the archive stands in its file. A script may stand before it, as in eggs that can be run, and any bytes after
 * it: Python and pip read both. Field numbers: APPNOTE, 4.3.16 (end of central directory) and 4.3.15 (zip64).
 */
function boundsOf(tail: Buffer, bytes: number): { start: number; end: number } {
  const at = tail.lastIndexOf('PK\u0005\u0006', 'latin1');
  if (at === -1 || at + endBytes > tail.length) return { start: 0, end: bytes };
  const tailStart = bytes - tail.length;
  const end = Math.min(bytes, tailStart + at + endBytes + tail.readUInt16LE(at + 20));
  const isZip64 = tail.toString('latin1', Math.max(0, at - locatorBytes), at).startsWith('PK\u0006\u0007');
  const start = tailStart + at - tail.readUInt32LE(at + 12) - tail.readUInt32LE(at + 16);
  return { start: isZip64 ? 0 : Math.max(0, start), end };
}

/** Of an end of the central directory without its comment, and of the locator that stands before it in a zip64. */
const endBytes = 22;
const locatorBytes = 20;

async function* range(asset: StoredAsset, start: number, end: number): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of asset.read()) {
    if (at + chunk.length > start) yield chunk.subarray(Math.max(0, start - at), Math.min(chunk.length, end - at));
    at += chunk.length;
    if (at >= end) return;
  }
}
