import { createReadStream, createWriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { RandomAccessReader, fromRandomAccessReaderPromise, type Entry, type ZipFile } from 'yauzl';
import { HoldfastError } from '#core/runtime/errors.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { inflate } from './unpack-inflate.ts';
import type { AcceptedEntry, UnpackRules } from './unpack-rules.ts';
import type { UnpackTarget } from './unpack-target.ts';

/**
 * Unpacks from a scratch file: a zip says at its end what it holds. All its entries are judged before the first one
 * is written.
 */
export async function unpackZip(
  chunks: AsyncIterable<Buffer>,
  target: UnpackTarget,
  rules: UnpackRules,
): Promise<void> {
  await withScratchFolder('unpack', async (folder) => {
    const archive = path.join(folder, 'archive.zip');
    const bytes = await keep(chunks, archive, rules);
    const file = await open(archive, 'r');
    try {
      const zip = await fromRandomAccessReaderPromise(new FileReader(file), bytes, {
        autoClose: false,
        strictFileNames: true,
      });
      for (const { entry, accepted } of await judge(zip, bytes, rules)) {
        if (accepted.type === 'directory') await target.writeFolder(accepted.segments);
        else await target.writeFile(accepted.segments, contentOf(archive, zip, entry));
      }
    } finally {
      await file.close();
    }
  });
}

async function keep(chunks: AsyncIterable<Buffer>, archive: string, rules: UnpackRules): Promise<number> {
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      rules.checkSize(bytes, 0);
      yield chunk;
    }
  };
  await pipeline(counted, createWriteStream(archive));
  return bytes;
}

/** With yauzl's own reader Node throws, out of anybody's reach, where an archive points far beyond its end. */
class FileReader extends RandomAccessReader {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#file
      .read(buffer, offset, length, position)
      .then(({ bytesRead }) => callback(bytesRead === length ? null : new Error('it points beyond its end')), callback);
  }
}

interface Judged {
  entry: Entry;
  accepted: AcceptedEntry;
}

async function judge(zip: ZipFile, archiveBytes: number, rules: UnpackRules): Promise<Judged[]> {
  const judged: Judged[] = [];
  let packed = 0;
  let unpacked = 0;
  for await (const entry of zip.eachEntry()) {
    const accepted = rules.accept({ name: entry.fileName, type: typeOf(entry), bytes: entry.uncompressedSize });
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
    rules.checkSize(archiveBytes, unpacked);
    judged.push({ entry, accepted });
  }
  // The trick of the densest bombs: one piece of the archive serves for many entries.
  if (packed > archiveBytes) throw new HoldfastError('Damaged', 'the archive is refused: its entries overlap');
  rules.finish();
  return judged;
}

/** Bits of a Unix mode that say what a file is, and their values (stat, `S_IFMT`). */
const typeBits = 0o170000;

function typeOf(entry: Entry): string {
  if (!entry.canDecodeFileData()) return 'file encrypted or compressed in a way that is not supported';
  const mode = (entry.externalFileAttributes >>> 16) & typeBits;
  const slash = entry.fileName.endsWith('/');
  switch (mode) {
    case 0:
      return slash ? 'directory' : 'file';
    case 0o040000:
      return slash ? 'directory' : 'folder that looks like a file';
    case 0o100000:
      return slash ? 'file that looks like a folder' : 'file';
    case 0o120000:
      return 'symlink';
    default:
      return 'device or other special file';
  }
}

/** The method of compression by which nearly all zips are made (APPNOTE, 4.4.5). */
const deflated = 8;

async function* contentOf(archive: string, zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  // A read stream cannot be made to read nothing.
  const packed: AsyncIterable<Buffer> =
    entry.compressedSize === 0
      ? Readable.from([])
      : createReadStream(archive, { start, end: start + entry.compressedSize - 1 });
  let bytes = 0;
  let crc = 0;
  for await (const chunk of entry.compressionMethod === deflated ? inflate(packed, createInflateRaw()) : packed) {
    bytes += chunk.length;
    if (bytes > entry.uncompressedSize) throw damaged(entry, 'is longer than it claims');
    crc = crc32(chunk, crc);
    yield chunk;
  }
  // yauzl does not look at this.
  if (bytes !== entry.uncompressedSize || crc !== entry.crc32) throw damaged(entry, 'fails its checksum');
}

function damaged(entry: Entry, why: string): HoldfastError {
  return new HoldfastError('Damaged', `the archive is damaged: ${JSON.stringify(entry.fileName)} ${why}`);
}
