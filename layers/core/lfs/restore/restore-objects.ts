import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Asset } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

export interface RestoreWatch {
  signal?: AbortSignal | undefined;
  /** Bytes so far. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Where Git keeps what belongs to a folder: of a working tree its `.git`, of a bare repository itself. A folder that is
 * not there, empty, or holds nothing but objects of before, is taken as it is.
 * @throws {HoldfastError} TargetNotEmpty
 */
export async function gitFolderOf(folder: string): Promise<string> {
  const target = path.resolve(folder);
  const inside = await readdir(target).catch((error: unknown): string[] => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  if (inside.includes('.git') && (await stat(path.join(target, '.git'))).isDirectory())
    return path.join(target, '.git');
  const isBare = inside.includes('HEAD') && inside.includes('objects');
  if (isBare || inside.every((name) => name === 'lfs')) return target;
  throw new HoldfastError('TargetNotEmpty', `${target} is neither a Git repository nor empty`, {
    advice: 'Name a repository that was restored before, or a new folder.',
  });
}

/** Where git-lfs looks for an object below the folder of Git: `lfs/objects/aa/bb/aabb…`. */
export function objectPath(gitFolder: string, oid: string): string {
  return path.join(gitFolder, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
}

/**
 * Writes objects to where git-lfs looks for them. Each gets its name only once it is whole; one that is there already, and
 * is what its name says, is left.
 * @returns how many were written
 */
export async function restoreObjects(
  vault: Vault,
  objects: readonly Asset[],
  gitFolder: string,
  { signal, onProgress }: RestoreWatch,
): Promise<number> {
  let written = 0;
  let bytes = 0;
  for (const object of objects) {
    throwIfInterrupted(signal);
    const target = objectPath(gitFolder, object.name);
    if (await isThere(target, object)) {
      onProgress?.((bytes += object.bytes));
      continue;
    }
    await mkdir(path.dirname(target), { recursive: true });
    const partial = `${target}.${randomBytes(4).toString('hex')}.partial`;
    const file = await open(partial, 'wx');
    try {
      for await (const chunk of readProven(vault, object)) {
        throwIfInterrupted(signal);
        onProgress?.((bytes += chunk.length));
        await file.writeFile(chunk);
      }
      await file.sync();
      await file.close();
      await rename(partial, target);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
      throw error;
    }
    written++;
  }
  return written;
}

async function isThere(file: string, { bytes, sha256 }: Asset): Promise<boolean> {
  const found = await stat(file).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.size !== bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex') === sha256;
}
