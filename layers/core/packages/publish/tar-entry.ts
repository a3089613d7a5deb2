import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import type { StoredAsset } from '../restore/stored-package.ts';
import { hashing, type Digests } from './hashing.ts';

/** No description of a package is larger. */
const largestEntry = 16 << 20;

/**
 * The first file of a tar that fits, and hashes of the whole archive, which is read once. Whatever a registry took in
 * its time is read as far as it goes: headers from before POSIX, several gzip members or none, bytes after the end.
 * @throws {HoldfastError} SourceUnsupported where it is not such an archive, TooLarge, Damaged
 */
export async function readTarEntry(
  asset: StoredAsset,
  fits: (name: string) => boolean,
  algorithms: readonly string[],
): Promise<{ entry: Buffer | undefined; digests: Digests }> {
  let digests: Digests = new Map();
  const archive = new PassThrough();
  const [reading, searching] = await Promise.allSettled([
    (async () => {
      try {
        for await (const chunk of hashing(asset, algorithms, (taken) => (digests = taken)))
          // The hashes are over all of it, also where the search has ended.
          if (!archive.destroyed && !archive.write(chunk)) await drained(archive);
        archive.end();
      } catch (error) {
        archive.destroy();
        throw error;
      }
    })(),
    firstThatFits(archive, fits, asset.name).finally(() => archive.destroy()),
  ]);
  for (const { reason } of [reading, searching].filter((result) => result.status === 'rejected')) {
    if (reason instanceof HoldfastError) throw reason;
    throw new HoldfastError('SourceUnsupported', `${asset.name} is not a readable tar archive: ${messageOf(reason)}`, {
      cause: reason,
    });
  }
  return { entry: searching.status === 'fulfilled' ? searching.value : undefined, digests };
}

async function drained(archive: PassThrough): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(archive, 'drain', { signal }), once(archive, 'close', { signal })]);
  settled.abort();
}

/** Its published types leave this option out. */
const anyAge: Parameters<typeof extract>[0] & { allowUnknownFormat: boolean } = { allowUnknownFormat: true };

async function firstThatFits(
  archive: Readable,
  fits: (name: string) => boolean,
  what: string,
): Promise<Buffer | undefined> {
  const tar = extract(anyAge);
  const fed = pipeline(unpacked(archive), tar);
  // What fails there ends the loop here.
  fed.catch(() => undefined);
  for await (const entry of tar) {
    if (['file', 'contiguous-file'].includes(entry.header.type) && fits(entry.header.name))
      return readWhole(entry as AsyncIterable<Buffer>, largestEntry, `${entry.header.name} in ${what}`);
    entry.resume();
  }
  await fed;
  return undefined;
}

const gzipMagic = Buffer.from([0x1f, 0x8b]);

/**
 * zlib drops the piece of output during which it meets bytes that are not gzip. With pieces this small, taken one at a
 * time, that is at most the blocks of zeros that end a tar.
 */
const small = { chunkSize: 1024, highWaterMark: 1 };

/** The tar in an archive that may be packed by gzip. What follows the last member of gzip is ignored, as gzip(1) does. */
async function* unpacked(archive: Readable): AsyncGenerator<Buffer> {
  const chunks = archive.iterator() as AsyncIterableIterator<Buffer>;
  let head = Buffer.alloc(0);
  while (head.length < gzipMagic.length) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield head;
    yield* chunks;
  };
  if (!head.subarray(0, gzipMagic.length).equals(gzipMagic)) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip(small);
  const fed = pipeline(whole, gunzip);
  fed.catch(() => undefined);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    // The tar says whether it was whole by then.
    if (bytes === 0) throw error;
  }
}
