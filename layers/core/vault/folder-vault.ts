import { createHash, randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, hasCode, messageOf, systemCode } from '#core/runtime/errors.ts';
import { BlockWriter } from './block-writer.ts';
import type { ListedObject, ObjectWriter, StoredObject, Vault } from './vault.ts';

/** Large enough that the system call costs nothing beside the write, small enough to keep memory flat. */
const blockBytes = 1 << 20;

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

  async *read(key: string): AsyncIterable<Buffer> {
    let file: FileHandle;
    try {
      file = await open(this.#path(key), 'r');
    } catch (error) {
      throw storageError(error, key);
    }
    try {
      const stream = file.createReadStream({ autoClose: false, highWaterMark: 256 << 10 });
      for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw storageError(error, key);
    } finally {
      await file.close();
    }
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    try {
      const found = await stat(this.#path(key));
      return found.isFile() ? { bytes: found.size } : undefined;
    } catch (error) {
      const failure = storageError(error, key);
      if (hasCode(failure, 'NotFound')) return undefined;
      throw failure;
    }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    // Only the folders that can hold such keys are walked.
    const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/')) : '';
    for await (const object of this.#walk(folder)) if (object.key.startsWith(prefix)) yield object;
  }

  async remove(key: string): Promise<void> {
    try {
      await rm(this.#path(key), { force: true });
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async *#walk(folder: string): AsyncIterable<ListedObject> {
    let entries: Dirent[];
    try {
      entries = await readdir(path.join(this.location, folder), { withFileTypes: true });
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return;
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
      if (entry.isDirectory()) {
        if (key !== stagingFolder) yield* this.#walk(key);
      } else if (entry.isFile()) {
        const found = await stat(path.join(this.location, key)).catch((error: unknown) => {
          if (systemCode(error) === 'ENOENT') return undefined;
          throw storageError(error, key);
        });
        if (found) yield { key, bytes: found.size, modified: found.mtime };
      }
    }
  }

  #path(key: string): string {
    const parts = key.split('/');
    // Keys are made by the layout, which escapes everything; this only keeps a fault there from leaving the folder.
    if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part)))
      throw new HoldfastError('StorageFailed', `${JSON.stringify(key)} is not a key`);
    return path.join(this.location, ...parts);
  }
}

class FileWriter implements ObjectWriter {
  readonly #target: string;
  readonly #staging: string;
  readonly #temporary: string;
  readonly #key: string;
  readonly #hash = createHash('sha256');
  readonly #blocks = new BlockWriter({
    blockBytes: () => blockBytes,
    blocks: 3,
    store: (block, index) => this.#store(block, index),
  });
  #file: Promise<FileHandle> | undefined;
  #bytes = 0;

  constructor(target: string, staging: string, key: string) {
    this.#target = target;
    this.#staging = staging;
    this.#temporary = path.join(staging, randomUUID());
    this.#key = key;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    return this.#blocks.write(bytes);
  }

  async finish(): Promise<StoredObject> {
    try {
      await this.#blocks.finish();
      const file = await this.#open();
      // On disk before it gets its name, so that no crash can leave a name without its content.
      await file.sync();
      await file.close();
      this.#file = undefined;
      await this.#name();
    } catch (error) {
      await this.abort();
      throw storageError(error, this.#key);
    }
    return { key: this.#key, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async abort(): Promise<void> {
    await this.#blocks.settle();
    const file = await this.#file?.catch(() => undefined);
    this.#file = undefined;
    await file?.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }

  async #store(block: Buffer, index: number): Promise<void> {
    const file = await this.#open();
    let written = 0;
    while (written < block.length) {
      const { bytesWritten } = await file.write(block, written, block.length - written, index * blockBytes + written);
      written += bytesWritten;
    }
  }

  #open(): Promise<FileHandle> {
    this.#file ??= mkdir(this.#staging, { recursive: true }).then(() => open(this.#temporary, 'wx'));
    return this.#file;
  }

  /** Gives the file its name, never in place of another: a hard link fails where the name is taken. */
  async #name(): Promise<void> {
    const folder = path.dirname(this.#target);
    const firstMade = await mkdir(folder, { recursive: true });
    try {
      await link(this.#temporary, this.#target);
    } catch (error) {
      if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
      // File systems without hard links (FAT, some network shares): slower, and as exclusive.
      await copyFile(this.#temporary, this.#target, constants.COPYFILE_EXCL);
    }
    await rm(this.#temporary);
    await syncFolders(folder, firstMade === undefined ? folder : path.dirname(firstMade));
  }
}

/** Puts new names on disk, from the innermost folder up to the outermost. */
async function syncFolders(innermost: string, outermost: string): Promise<void> {
  for (let folder = innermost; ; folder = path.dirname(folder)) {
    const handle = await open(folder, 'r').catch(() => undefined);
    // Not every platform lets a folder be opened or synced; there is nothing more to be done on those.
    await handle?.sync().catch(() => undefined);
    await handle?.close();
    if (folder === outermost || folder === path.dirname(folder)) return;
  }
}

function storageError(error: unknown, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const details = { cause: error };
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new HoldfastError('NotFound', `the vault has no ${key}`, details);
    case 'EEXIST':
      return new HoldfastError('AlreadyExists', `the vault has ${key} already`, details);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new HoldfastError('AccessDenied', `the vault does not let us at ${key}: ${messageOf(error)}`, details);
    case 'ENOSPC':
    case 'EDQUOT':
      return new HoldfastError('StorageFailed', `no space left for ${key}`, {
        ...details,
        advice: 'Free space, or choose another --vault.',
      });
    default:
      return new HoldfastError('StorageFailed', `${key}: ${messageOf(error)}`, details);
  }
}
