/**
 * A vault in memory, for what takes thousands of vaults: as consistent as S3, and like it with times of its own, which a
 * test can set.
 */
import { createHash } from 'node:crypto';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { ListedObject, ObjectWriter, UnfinishedWrite, Vault } from '#core/vault/storage/vault.ts';

interface Held {
  content: Buffer;
  modified: Date;
}

export class MemoryVault implements Vault {
  readonly location = 'memory';
  readonly objects: Map<string, Held>;
  /** Storage's own clock. */
  now = (): Date => new Date();

  constructor(objects: ReadonlyMap<string, Held> = new Map()) {
    this.objects = new Map(objects);
  }

  /** Another vault with the same content. */
  copy(): MemoryVault {
    const copied = new MemoryVault(this.objects);
    copied.now = this.now;
    return copied;
  }

  writer(key: string): ObjectWriter {
    const chunks: Buffer[] = [];
    return {
      write: (bytes) => void chunks.push(Buffer.from(bytes)),
      finish: async () => {
        const content = Buffer.concat(chunks);
        await this.create(key, content);
        return { key, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
      },
      abort: () => Promise.resolve(),
    };
  }

  create(key: string, content: Uint8Array): Promise<void> {
    if (this.objects.has(key))
      return Promise.reject(new HoldfastError('AlreadyExists', `the vault already has ${key}`));
    return this.replace(key, content);
  }

  replace(key: string, content: Uint8Array): Promise<void> {
    this.objects.set(key, { content: Buffer.from(content), modified: this.now() });
    return Promise.resolve();
  }

  async *read(key: string): AsyncIterable<Buffer> {
    const held = await Promise.resolve(this.objects.get(key));
    if (!held) throw new HoldfastError('NotFound', `the vault has no ${key}`);
    if (held.content.length > 0) yield held.content;
  }

  stat(key: string): Promise<{ bytes: number } | undefined> {
    const held = this.objects.get(key);
    return Promise.resolve(held && { bytes: held.content.length });
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    // Keys are ASCII, so this is the order of their bytes.
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, { content, modified }] of found)
      yield await Promise.resolve({ key, bytes: content.length, modified });
  }

  remove(key: string): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }

  async *unfinished(): AsyncIterable<UnfinishedWrite> {
    // Nothing here outlives its process.
  }
}
