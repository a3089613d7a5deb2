import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectFormat } from './object-format.ts';
import { PackChecker, type PackInfo } from './pack-checker.ts';
import { bytesOfName, inByteOrder, isRefName, linesOfRefs, type Head, type Refs } from './refs.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/**
 * A bare repository as files (gitrepository-layout), made without git: its packs, its refs in one file, its HEAD.
 * Packs still have to be indexed: pack-index.ts.
 */
export async function createMirror(folder: string, format: ObjectFormat): Promise<void> {
  await mkdir(path.join(folder, 'objects', 'pack'), { recursive: true });
  await mkdir(path.join(folder, 'objects', 'info'), { recursive: true });
  await mkdir(path.join(folder, 'refs', 'heads'), { recursive: true });
  await mkdir(path.join(folder, 'refs', 'tags'), { recursive: true });
  await writeFile(path.join(folder, 'config'), config(format));
  // Git takes a folder for a repository only when HEAD is there.
  await writeFile(path.join(folder, 'HEAD'), 'ref: refs/heads/main\n');
}

/** Where a pack stands once it is whole. */
export function packPath(folder: string, hash: string): string {
  return path.join(folder, 'objects', 'pack', `pack-${hash}.pack`);
}

/** Streams a pack into the repository, checked as it passes. It gets its final name only when it is complete. */
export async function addPack(folder: string, pack: AsyncIterable<Buffer>, format: ObjectFormat): Promise<PackInfo> {
  const temporary = path.join(folder, 'objects', 'pack', 'tmp_pack_incoming');
  const checker = new PackChecker(format);
  const file = createWriteStream(temporary, { highWaterMark: 1 << 20 });
  const failed = new Promise<never>((_, reject) => file.once('error', reject));
  failed.catch(() => undefined);
  try {
    for await (const chunk of pack) {
      checker.update(chunk);
      if (!file.write(Buffer.from(chunk))) await Promise.race([once(file, 'drain'), failed]);
    }
    file.end();
    await Promise.race([once(file, 'close'), failed]);
    const info = checker.finish();
    await rename(temporary, packPath(folder, info.hash));
    return info;
  } catch (error) {
    file.destroy();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes all refs and HEAD. @throws {HoldfastError} Damaged for a name or target that no repository may hold */
export async function writeRefs(folder: string, refs: Refs, head: Head): Promise<void> {
  const names = inByteOrder(refs.keys());
  const bad = names.find((name) => !isRefName(name));
  if (bad !== undefined)
    throw new HoldfastError('Damaged', `${JSON.stringify(bad.slice(0, 100))} is not the name of a ref`);
  const list = Buffer.concat([Buffer.from('# pack-refs with: sorted \n'), linesOfRefs(names, refs)]);
  await writeFile(path.join(folder, 'packed-refs'), list);
  await writeFile(path.join(folder, 'HEAD'), headFile(head, refs));
}

function headFile(head: Head, refs: Refs): Buffer {
  if (head.type === 'detached') return Buffer.from(`${head.oid}\n`);
  // The server did not say where HEAD points; the usual names are the best guess.
  const guess = ['refs/heads/main', 'refs/heads/master'].find((name) => refs.has(name)) ?? 'refs/heads/main';
  const ref = head.type === 'absent' ? guess : head.ref;
  if (!isRefName(ref))
    throw new HoldfastError('Damaged', `${JSON.stringify(ref.slice(0, 100))} is not the name of a ref`);
  return bytesOfName(`ref: ${ref}\n`);
}

function config(format: ObjectFormat): string {
  const core = `[core]\n\trepositoryformatversion = ${format === 'sha1' ? 0 : 1}\n\tfilemode = true\n\tbare = true\n`;
  return format === 'sha1' ? core : `${core}[extensions]\n\tobjectformat = sha256\n`;
}
