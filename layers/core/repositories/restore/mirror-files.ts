import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { linesOfBytes } from '#core/git/refs.ts';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';

/** A million refs take about 100 MB; a ref of its own is one line. */
const longestList = 256 << 20;
const longestRef = 8 << 10;

/** The refs of a bare repository, read from its files (gitrepository-layout), and what its HEAD says. */
export async function refsIn(folder: string): Promise<{ refs: Map<string, string>; head: string }> {
  const refs = new Map<string, string>();
  for (const line of await linesIn(path.join(folder, 'packed-refs'), longestList)) {
    const [, oid, name] = /^([0-9a-f]+) (refs\/.+)$/.exec(line) ?? [];
    if (oid !== undefined && name !== undefined) refs.set(name, oid);
  }
  // A ref that has a file of its own is what that file says.
  for (const entry of await readdir(path.join(folder, 'refs'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    refs.set(path.relative(folder, file).replaceAll(path.sep, '/'), await firstLineIn(file));
  }
  return { refs, head: await firstLineIn(path.join(folder, 'HEAD')) };
}

/** The hashes that name the packs of a repository. */
export async function packsIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(folder, 'objects', 'pack'));
  return names.flatMap((name) => /^pack-([0-9a-f]+)\.pack$/.exec(name)?.[1] ?? []);
}

async function firstLineIn(file: string): Promise<string> {
  return ((await linesIn(file, longestRef))[0] ?? '').trim();
}

/** @param longest in bytes @throws {HoldfastError} Damaged for what is longer */
async function linesIn(file: string, longest: number): Promise<string[]> {
  try {
    const { size } = await stat(file);
    if (size > longest) throw new HoldfastError('Damaged', `${file} is longer than ${longest} bytes`);
    return linesOfBytes(await readFile(file));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
