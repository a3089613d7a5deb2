import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { open, readdir, rm, rmdir, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import type { ListedObject, ObjectWriter, UnfinishedWrite, Vault } from '../vault.ts';
import { FileWriter, storageError } from './file-writer.ts';
import { fileMode, isStaged, makeFolder, moveOver, named } from './names.ts';

/** Where objects are written before they get their name. What a killed process left there belongs to no snapshot. */
export const stagingFolder = '.partial';

/** A vault in a folder: the object of key `a/b` is the file `a/b`. */
export class FolderVault implements Vault {
  readonly location: string;

  constructor(folder: string) {
    this.location = path.resolve(folder);
  }

  writer(key: string): ObjectWriter {
    return new FileWriter(this.#path(key), path.join(this.location, stagingFolder), key);
  }

  async create(key: string, content: Uint8Array): Promise<void> {
    const writer = this.writer(key);
    try {
      await writer.write(content);
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  async replace(key: string, content: Uint8Array): Promise<void> {
    const temporary = path.join(this.location, stagingFolder, randomUUID());
    const target = this.#path(key);
    try {
      await makeFolder(path.dirname(temporary));
      await writeFile(temporary, content, { flush: true, mode: fileMode });
      await named(target, () => moveOver(temporary, target));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw storageError(error, key);
    }
  }

  async *read(key: string): AsyncIterable<Buffer> {
    let file: FileHandle;
    try {
      file = await open(this.#path(key), 'r');
    } catch (error) {
      throw readError(error, key);
    }
    try {
      const stream = file.createReadStream({ autoClose: false, highWaterMark: 256 << 10 });
      for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw readError(error, key);
    } finally {
      await file.close();
    }
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    try {
      const found = await stat(this.#path(key));
      return found.isFile() ? { bytes: found.size } : undefined;
    } catch (error) {
      const failure = readError(error, key);
      if (failure.code === 'NotFound') return undefined;
      throw failure;
    }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    // Only the folders that can hold such keys are walked.
    const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/')) : '';
    if (folder !== '' && !isKey(folder)) return;
    yield* this.#walk(folder, prefix);
  }

  async remove(key: string): Promise<void> {
    const file = this.#path(key);
    try {
      await rm(file);
    } catch (error) {
      const failure = readError(error, key);
      if (failure.code !== 'NotFound') throw failure;
    }
    await this.#removeEmpty(path.dirname(file));
  }

  /** Folders go with what was in them; every list would walk through them for ever. */
  async #removeEmpty(innermost: string): Promise<void> {
    for (let folder = innermost; folder.startsWith(`${this.location}${path.sep}`); folder = path.dirname(folder)) {
      try {
        await rmdir(folder);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') return;
      }
    }
  }

  async *unfinished(): AsyncIterable<UnfinishedWrite> {
    const staging = path.join(this.location, stagingFolder);
    for (const name of await readdir(staging).catch(() => [])) {
      const file = path.join(staging, name);
      const found = await stat(file).catch(() => undefined);
      if (found)
        yield { name: `${stagingFolder}/${name}`, since: found.mtime, remove: () => rm(file, { force: true }) };
    }
    // Where the staging folder is on another disk, files are moved through their own folder.
    for (const entry of await readdir(this.location, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile() || !isStaged(entry.name)) continue;
      const file = path.join(entry.parentPath, entry.name);
      const found = await stat(file).catch(() => undefined);
      const name = path.relative(this.location, file);
      if (found) yield { name, since: found.mtime, remove: () => rm(file, { force: true }) };
    }
  }

  async *#walk(folder: string, prefix: string): AsyncIterable<ListedObject> {
    let entries: Dirent[];
    try {
      entries = await readdir(path.join(this.location, folder), { withFileTypes: true });
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return;
      throw storageError(error, folder);
    }
    // A folder sorts as its keys do: by its name with the slash that follows.
    const named = entries.map((entry) => ({
      entry,
      order: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name),
    }));
    named.sort((a, b) => Buffer.compare(a.order, b.order));
    for (const { entry } of named) {
      const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!key.startsWith(prefix) && !prefix.startsWith(`${key}/`)) continue;
      if (entry.isDirectory()) {
        if (key !== stagingFolder) yield* this.#walk(key, prefix);
      } else if (entry.isFile() && !isStaged(entry.name)) {
        const found = await stat(path.join(this.location, key)).catch((error: unknown) => {
          if (systemCode(error) === 'ENOENT') return undefined;
          throw storageError(error, key);
        });
        if (found) yield { key, bytes: found.size, modified: found.mtime };
      }
    }
  }

  #path(key: string): string {
    if (!isKey(key)) throw new HoldfastError('StorageFailed', `${JSON.stringify(key)} is not a key`);
    return path.join(this.location, ...key.split('/'));
  }
}

/** Keys are made by the layout, which escapes everything; this only keeps a fault there from leaving the folder. */
function isKey(key: string): boolean {
  const parts = key.split('/');
  return (
    parts[0] !== stagingFolder &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0]/.test(part))
  );
}

/** What goes wrong with an object that should be there: where a name is missing, so is the object. */
function readError(error: unknown, key: string): HoldfastError {
  const code = systemCode(error) ?? '';
  // A name that the file system cannot have is of nothing that is there.
  const missing = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR', 'ENAMETOOLONG'].includes(code);
  if (missing) return new HoldfastError('NotFound', `the vault has no ${key}`, { cause: error });
  return storageError(error, key);
}
