import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One digest of all names below a folder and of all that its files hold, to show that nothing was changed. */
export async function treeDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.map((entry) => ({ name: path.join(entry.parentPath, entry.name), isFile: entry.isFile() }));
  for (const { name, isFile } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\0`);
    if (isFile) hash.update(await readFile(name));
  }
  return hash.digest('hex');
}
