import { spawn } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { childEnvironment } from './environment.ts';
import { systemCode } from './errors.ts';

/**
 * Puts all of a folder on disk, so that it outlasts a power cut: its files, and the folders that name them. Without that
 * a file may have its name and be empty afterwards.
 * @param many whether there may be so many files that one call for the whole file system takes less time
 */
export async function syncTree(folder: string, { many = false }: { many?: boolean } = {}): Promise<void> {
  if (many && (await syncFileSystemOf(folder))) return;
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries)
    if (entry.isFile() || entry.isDirectory()) await sync(path.join(entry.parentPath, entry.name));
  await sync(folder);
}

/** Puts the names of a folder on disk, and those of the folders above it up to where `mkdir` began to make them. */
export async function syncFolders(innermost: string, firstMade: string | undefined): Promise<void> {
  const outermost = firstMade === undefined ? innermost : path.dirname(firstMade);
  for (let folder = innermost; ; folder = path.dirname(folder)) {
    await sync(folder);
    if (folder === outermost || folder === path.dirname(folder)) return;
  }
}

/** Puts a file on disk, or the names that stand in a folder. */
export async function sync(place: string): Promise<void> {
  try {
    const handle = await open(place, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Some file systems cannot do it for folders, and Windows opens none.
    if (!['EINVAL', 'EISDIR', 'EPERM', 'EACCES', 'ENOTSUP', 'EBADF'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** By the `sync` of GNU and BusyBox (syncfs); false where it cannot. */
function syncFileSystemOf(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', '--', folder], {
      stdio: 'ignore',
      env: childEnvironment({}),
    });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
