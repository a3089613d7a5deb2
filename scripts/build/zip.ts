import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** The beginning of what zip can say; any fixed time would do. */
const fixedTime = new Date(1980, 0, 1, 0, 0, 0);

/**
 * Packs files into a zip whose bytes depend on nothing but their names and contents, so that the same source gives
 * the same artefact everywhere, and a deployment changes only what has changed.
 * @param files name in the zip → file on disk
 */
export async function writeZip(target: string, files: ReadonlyMap<string, string>): Promise<void> {
  const zip = new ZipFile();
  for (const name of [...files.keys()].sort()) {
    const content = await readFile(files.get(name) ?? '');
    // The time is written without its zone, so that of the machine does not matter.
    zip.addBuffer(content, name, { mtime: fixedTime, mode: 0o100644, compress: true, forceDosTimestamp: true });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target));
}
