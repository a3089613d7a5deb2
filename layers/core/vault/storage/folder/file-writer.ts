import { createHash, randomUUID } from 'node:crypto';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { BlockWriter } from '../block-writer.ts';
import type { ObjectWriter, StoredObject } from '../vault.ts';
import { fileMode, makeFolder, moveTo, named } from './names.ts';

/** Large enough that the system call costs nothing beside the write, small enough to keep memory flat. */
const blockBytes = 1 << 20;

/** Writes an object of a folder vault: first beside all others, on disk, and only then under its name. */
export class FileWriter implements ObjectWriter {
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
    await this.#blocks.stop();
    const file = await this.#file?.catch(() => undefined);
    this.#file = undefined;
    await file?.close().catch(() => undefined);
    // What cannot be removed now stays among the leftovers, which no list shows.
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #store(block: Buffer, index: number): Promise<void> {
    try {
      const file = await this.#open();
      let written = 0;
      while (written < block.length) {
        const { bytesWritten } = await file.write(block, written, block.length - written, index * blockBytes + written);
        written += bytesWritten;
      }
    } catch (error) {
      throw storageError(error, this.#key);
    }
  }

  #open(): Promise<FileHandle> {
    this.#file ??= makeFolder(this.#staging).then(() => open(this.#temporary, 'wx', fileMode));
    return this.#file;
  }

  /** Gives the file its name, never in place of another. */
  async #name(): Promise<void> {
    const folder = path.dirname(this.#target);
    const firstMade = await named(this.#target, async () => {
      try {
        await moveTo(this.#temporary, this.#target);
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
        if (await isFolder(this.#target)) throw blocked(this.#key, error);
        throw new HoldfastError('AlreadyExists', `the vault already has ${this.#key}`, { cause: error });
      }
    }).catch((error: unknown) => {
      // A folder that was to be made is a file.
      throw ['EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '') ? blocked(this.#key, error) : error;
    });
    // The object exists now, whatever becomes of its other name.
    await rm(this.#temporary, { force: true }).catch(() => undefined);
    await syncFolders(folder, firstMade === undefined ? folder : path.dirname(firstMade));
  }
}

async function isFolder(name: string): Promise<boolean> {
  return (await stat(name).catch(() => undefined))?.isDirectory() === true;
}

/** A name can be that of a file or of a folder; in S3 both would go. */
function blocked(key: string, cause: unknown): HoldfastError {
  return new HoldfastError('KeyBlocked', `the vault cannot store ${key}: a folder or file already has this name`, {
    cause,
  });
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

/** @param key the object at which a call failed */
export function storageError(error: unknown, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const details = { cause: error };
  switch (systemCode(error) ?? '') {
    case 'EROFS':
      return new HoldfastError('AccessDenied', `the vault is on a read-only file system: ${key} cannot be written`, {
        ...details,
        advice: 'Mount it for writing, or choose another --vault.',
      });
    case 'EACCES':
    case 'EPERM':
      return new HoldfastError(
        'AccessDenied',
        `the vault denies access${key === '' ? '' : ` to ${key}`}: ${messageOf(error)}`,
        {
          ...details,
          advice: 'Run as the user to whom the vault belongs, or change its permissions.',
        },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new HoldfastError('StorageFailed', `no space left for ${key}`, {
        ...details,
        advice: 'Free space, or choose another --vault.',
      });
    case 'ENAMETOOLONG':
      return new HoldfastError('StorageFailed', `a name in ${key} is longer than the file system of the vault allows`, {
        ...details,
        advice: 'Choose another --vault: on a file system with names of 255 bytes, or in S3.',
      });
    case 'ESTALE':
    case 'ETIMEDOUT':
      // Of EFS and other network file systems, after their server was replaced; opened by its name again it is there.
      return new HoldfastError(
        'StorageFailed',
        `the server of the vault's file system lost ${key}: ${messageOf(error)}`,
        {
          ...details,
          transient: true,
          advice: 'Run it again. If that does not help, mount the file system again.',
        },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new HoldfastError('StorageFailed', `too many files are open to store ${key}`, {
        ...details,
        advice: 'Raise the limit, see ulimit -n, or back up with a lower --concurrency.',
      });
    default:
      return new HoldfastError('StorageFailed', `${key}: ${messageOf(error)}`, details);
  }
}
