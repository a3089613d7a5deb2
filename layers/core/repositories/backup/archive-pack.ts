import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack as packTar, type Pack } from 'tar-stream';
import { ZipFile } from 'yazl';
import { inByteOrder } from '#core/git/refs.ts';

/**
 * Everything about a file but its name and content is fixed, so that the same content gives the same bytes: its mode
 * and its date. In a zip dates are local times, so the same local time is written in every time zone.
 */
const fileMode = 0o644;
const folderMode = 0o755;
const tarTime = new Date('2000-01-01T00:00:00Z');
const zipTime = (): Date => new Date(2000, 0, 1);

/** Packs, which are nearly all of it, are compressed already: more effort gains next to nothing. */
const gzipLevel = 1;
const chunkBytes = 256 << 10;

/** Packs a folder, under its own name, and hands the bytes to the sink as they come. */
export async function packFolder(
  folder: string,
  format: 'tar.gz' | 'zip',
  sink: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  const entries = await entriesOf(path.dirname(folder), path.basename(folder));
  const store = new Writable({
    write: (chunk: Buffer, _encoding, done) => void sink(chunk).then(() => done(), done),
  });
  if (format === 'zip') {
    await pipeline(zipOf(entries), store);
    return;
  }
  const tar = packTar();
  const filling = fillTar(tar, entries);
  const gzip = createGzip({ level: gzipLevel, chunkSize: chunkBytes });
  const [stored] = await Promise.allSettled([pipeline(tar, gzip, store), filling]);
  // Where one fails so does the other, and here is the reason, whichever it was.
  if (stored.status === 'rejected') throw stored.reason;
  await filling;
}

interface Entry {
  /** With slashes, and one at the end of a folder's. */
  name: string;
  file: string;
  /** Undefined for a folder. */
  bytes: number | undefined;
}

/** A folder and all that is in it, in byte order, each folder before its content. */
async function entriesOf(parent: string, name: string): Promise<Entry[]> {
  const folder = path.join(parent, name);
  const names = inByteOrder(await readdir(folder));
  const inside = await Promise.all(
    names.map(async (child) => {
      const file = path.join(folder, child);
      const found = await stat(file);
      const entry = { name: `${name}/${child}`, file, bytes: found.size };
      return found.isDirectory() ? entriesOf(parent, `${name}/${child}`) : [entry];
    }),
  );
  return [{ name: `${name}/`, file: folder, bytes: undefined }, ...inside.flat()];
}

async function fillTar(tar: Pack, entries: readonly Entry[]): Promise<void> {
  try {
    for (const { name, file, bytes } of entries) {
      const common = { name, mtime: tarTime, uid: 0, gid: 0 };
      if (bytes === undefined) tar.entry({ ...common, type: 'directory', mode: folderMode });
      else await pipeline(readFile(file), tar.entry({ ...common, type: 'file', mode: fileMode, size: bytes }));
    }
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
}

function zipOf(entries: readonly Entry[]): PassThrough {
  const zip = new ZipFile();
  const output = new PassThrough();
  let current: ReadStream | undefined;
  const fail = (error: Error): void => void output.destroy(error);
  zip.on('error', fail);
  for (const { name, file, bytes } of entries) {
    // The finer time stamp that could stand beside the local one is in UTC, and differs between time zones.
    const common = { mtime: zipTime(), forceDosTimestamp: true };
    if (bytes === undefined) {
      zip.addEmptyDirectory(name, { ...common, mode: 0o040000 | folderMode });
      continue;
    }
    const options = { ...common, mode: 0o100000 | fileMode, compress: false, size: bytes };
    zip.addReadStreamLazy(name, options, (callback) => {
      current = readFile(file).on('error', fail);
      callback(null, current);
    });
  }
  zip.end();
  zip.outputStream.pipe(output);
  // When the archive is given up, yazl leaves the file open that it was reading.
  return output.on('close', () => current?.destroy());
}

function readFile(file: string): ReadStream {
  return createReadStream(file, { highWaterMark: chunkBytes });
}
