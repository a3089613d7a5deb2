import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '#core/runtime/errors.ts';

/** The refs of a bare repository, read from its files (gitrepository-layout), and what its HEAD says. */
export async function refsIn(folder: string): Promise<{ refs: Map<string, string>; head: string }> {
  const refs = new Map<string, string>();
  for (const line of (await textOf(path.join(folder, 'packed-refs'))).split('\n')) {
    const [, oid, name] = /^([0-9a-f]+) (refs\/.+)$/.exec(line) ?? [];
    if (oid !== undefined && name !== undefined) refs.set(name, oid);
  }
  // A ref that has a file of its own is what that file says.
  for (const entry of await readdir(path.join(folder, 'refs'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    refs.set(path.relative(folder, file).replaceAll(path.sep, '/'), (await textOf(file)).trim());
  }
  return { refs, head: (await textOf(path.join(folder, 'HEAD'))).trim() };
}

/** The hashes that name the packs of a repository. */
export async function packsIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(folder, 'objects', 'pack'));
  return names.flatMap((name) => /^pack-([0-9a-f]+)\.pack$/.exec(name)?.[1] ?? []);
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
}
