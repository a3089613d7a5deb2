import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';

/** The names of a path from the root of a file system. */
export function partsOf(inner: string): string[] {
  return inner.split('/').filter((part) => part !== '' && part !== '.');
}

/**
 * Goes down a path part by part and never through a symbolic link, which could lead anywhere.
 * @returns the deepest folder that is there, and the parts below it that are not
 * @throws {HoldfastError} Usage where something else than a folder stands in the way
 */
export async function goDown(root: string, parts: readonly string[]): Promise<{ folder: string; absent: string[] }> {
  let folder = root;
  for (const [at, part] of parts.entries()) {
    const next = path.join(folder, part);
    const found = await lstat(next).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) return { folder, absent: parts.slice(at) };
    if (!found.isDirectory())
      throw new HoldfastError('Usage', `${next} is ${found.isSymbolicLink() ? 'a symbolic link' : 'not a folder'}`, {
        advice: 'Give a path that goes through folders only.',
      });
    folder = next;
  }
  return { folder, absent: [] };
}

/** Makes the folders that are absent, and gives the whole path. */
export async function makeFolders(folder: string, absent: readonly string[]): Promise<string> {
  const whole = path.join(folder, ...absent);
  await mkdir(whole, { recursive: true, mode: 0o700 });
  return whole;
}
