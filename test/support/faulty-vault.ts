/**
 * Vaults around another one, for tests: one that records what is read, one that holds other bytes for some objects,
 * and one whose operations fail.
 */
import { HoldfastError } from '#core/runtime/errors.ts';
import type { ListedObject, ObjectWriter, StoredObject, UnfinishedWrite, Vault } from '#core/vault/storage/vault.ts';
import { collect } from './streams.ts';

/** Passes everything on. */
class PassingVault implements Vault {
  protected readonly inner: Vault;

  constructor(inner: Vault) {
    this.inner = inner;
  }

  get location(): string {
    return this.inner.location;
  }

  writer(key: string): ObjectWriter {
    return this.inner.writer(key);
  }

  create(key: string, content: Uint8Array): Promise<void> {
    return this.inner.create(key, content);
  }

  replace(key: string, content: Uint8Array): Promise<void> {
    return this.inner.replace(key, content);
  }

  read(key: string): AsyncIterable<Buffer> {
    return this.inner.read(key);
  }

  stat(key: string): Promise<{ bytes: number } | undefined> {
    return this.inner.stat(key);
  }

  list(prefix: string): AsyncIterable<ListedObject> {
    return this.inner.list(prefix);
  }

  remove(key: string): Promise<void> {
    return this.inner.remove(key);
  }

  unfinished(): AsyncIterable<UnfinishedWrite> {
    return this.inner.unfinished();
  }
}

/** Counts the bytes of each object that are read, however often. */
export class RecordingVault extends PassingVault {
  readonly bytesRead = new Map<string, number>();
  /** Calls that change what is stored. */
  readonly changes: string[] = [];

  /** The data objects that were read, each once. */
  get dataRead(): string[] {
    return [...this.bytesRead.keys()].filter((key) => !key.endsWith('.json'));
  }

  override async *read(key: string): AsyncIterable<Buffer> {
    for await (const chunk of this.inner.read(key)) {
      this.bytesRead.set(key, (this.bytesRead.get(key) ?? 0) + chunk.length);
      yield chunk;
    }
  }

  override writer(key: string): ObjectWriter {
    this.changes.push(`write ${key}`);
    return this.inner.writer(key);
  }

  override create(key: string, content: Uint8Array): Promise<void> {
    this.changes.push(`create ${key}`);
    return this.inner.create(key, content);
  }

  override remove(key: string): Promise<void> {
    this.changes.push(`remove ${key}`);
    return this.inner.remove(key);
  }
}

/** Bytes in place of those that an object really has; undefined where it shall be gone. */
export type Replaced = Map<string, Buffer | undefined>;

/** Holds other bytes for some objects. The map may change at any time. */
export class ReplacingVault extends PassingVault {
  readonly replaced: Replaced;
  /** How many bytes each chunk has that is read. */
  readonly #chunkBytes: number;

  constructor(inner: Vault, replaced: Replaced, chunkBytes = 256 << 10) {
    super(inner);
    this.replaced = replaced;
    this.#chunkBytes = chunkBytes;
  }

  override async *read(key: string): AsyncIterable<Buffer> {
    const content = this.replaced.has(key) ? this.replaced.get(key) : await collect(this.inner.read(key));
    if (!content) throw new HoldfastError('NotFound', `the vault has no ${key}`);
    for (let at = 0; at < content.length; at += this.#chunkBytes) yield content.subarray(at, at + this.#chunkBytes);
  }

  override async stat(key: string): Promise<{ bytes: number } | undefined> {
    if (!this.replaced.has(key)) return this.inner.stat(key);
    const content = this.replaced.get(key);
    return content && { bytes: content.length };
  }

  override async *list(prefix: string): AsyncIterable<ListedObject> {
    for await (const object of this.inner.list(prefix)) {
      if (!this.replaced.has(object.key)) yield object;
      else {
        const content = this.replaced.get(object.key);
        if (content) yield { ...object, bytes: content.length };
      }
    }
  }
}

/** When an operation fails: before it has done anything, after half of it, or after all of it. */
export type Moment = 'before' | 'halfway' | 'after';

export interface VaultFault {
  /** The number of the operation, from 1, or what its name matches: `create runs/…/report.json`. */
  at: number | RegExp;
  moment: Moment;
  transient: boolean;
}

/** Numbers its operations and fails at some of them, as storage does that can be anywhere in its work when it fails. */
export class FaultyVault extends PassingVault {
  readonly #faults: readonly VaultFault[];
  /** What was asked of it, in order. */
  readonly operations: string[] = [];

  constructor(inner: Vault, faults: readonly VaultFault[] = []) {
    super(inner);
    this.#faults = faults;
  }

  override writer(key: string): ObjectWriter {
    const inner = this.inner.writer(key);
    let begun = false;
    return {
      // Only the first one counts: how many there are is decided by how the bytes happened to arrive.
      write: (bytes) => {
        if (begun) return inner.write(bytes);
        begun = true;
        return this.#run(`write ${key}`, {
          half: () => inner.write(bytes.subarray(0, bytes.length >> 1)),
          whole: () => inner.write(bytes),
        });
      },
      finish: () => this.#finish(key, inner),
      abort: () => this.#run(`abort ${key}`, { whole: () => inner.abort() }),
    };
  }

  /** As a writer promises, nothing exists after a failure; only the answer of a success can be lost. */
  async #finish(key: string, inner: ObjectWriter): Promise<StoredObject> {
    return this.#run(`finish ${key}`, { half: () => inner.abort(), whole: () => inner.finish() });
  }

  override create(key: string, content: Uint8Array): Promise<void> {
    return this.#run(`create ${key}`, { whole: () => this.inner.create(key, content) });
  }

  override replace(key: string, content: Uint8Array): Promise<void> {
    return this.#run(`replace ${key}`, { whole: () => this.inner.replace(key, content) });
  }

  override async *read(key: string): AsyncIterable<Buffer> {
    const chunks = this.inner.read(key)[Symbol.asyncIterator]();
    try {
      const first = await this.#run(`read ${key}`, { whole: () => chunks.next() });
      for (let next = first; next.done !== true; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }

  override stat(key: string): Promise<{ bytes: number } | undefined> {
    return this.#run(`stat ${key}`, { whole: () => this.inner.stat(key) });
  }

  override async *list(prefix: string): AsyncIterable<ListedObject> {
    const objects = this.inner.list(prefix)[Symbol.asyncIterator]();
    const first = await this.#run(`list ${prefix}`, { whole: () => objects.next() });
    for (let next = first; next.done !== true; next = await objects.next()) yield next.value;
  }

  override remove(key: string): Promise<void> {
    return this.#run(`remove ${key}`, { whole: () => this.inner.remove(key) });
  }

  async #run<T>(operation: string, { half, whole }: { half?: () => unknown; whole: () => Promise<T> | T }): Promise<T> {
    this.operations.push(operation);
    const number = this.operations.length;
    const fault = this.#faults.find(({ at }) => (typeof at === 'number' ? at === number : at.test(operation)));
    if (fault === undefined) return whole();
    if (fault.moment === 'halfway') await half?.();
    if (fault.moment === 'after') await whole();
    throw new HoldfastError('StorageFailed', `operation ${number}, ${operation}, failed ${fault.moment}`, {
      transient: fault.transient,
    });
  }
}
