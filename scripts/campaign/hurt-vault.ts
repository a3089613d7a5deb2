import { HoldfastError } from '#core/runtime/errors.ts';
import type { ListedObject, ObjectWriter, UnfinishedWrite, Vault } from '#core/vault/storage/vault.ts';
import type { Chance } from './chance.ts';
import type { Counts } from './counts.ts';

/** A store that now and then fails before, halfway or after it has done what was asked, or loses or flips what is read. */
export class HurtVault implements Vault {
  readonly #inner: Vault;
  readonly #chance: Chance;
  readonly #counts: Counts;
  readonly #probability: number;

  constructor(inner: Vault, chance: Chance, counts: Counts, probability: number) {
    this.#inner = inner;
    this.#chance = chance;
    this.#counts = counts;
    this.#probability = probability;
  }

  get location(): string {
    return this.#inner.location;
  }

  writer(key: string): ObjectWriter {
    const inner = this.#inner.writer(key);
    let begun = false;
    return {
      write: (bytes) => {
        if (begun) return inner.write(bytes);
        begun = true;
        return this.#do(`write ${key}`, async () => inner.write(bytes));
      },
      finish: async () => {
        // As a writer promises, nothing exists after a failure.
        this.#fail('finish', key);
        return inner.finish();
      },
      abort: () => inner.abort(),
    };
  }

  create(key: string, content: Uint8Array): Promise<void> {
    return this.#do(`create ${key}`, () => this.#inner.create(key, content));
  }

  replace(key: string, content: Uint8Array): Promise<void> {
    return this.#do(`replace ${key}`, () => this.#inner.replace(key, content));
  }

  async *read(key: string): AsyncIterable<Buffer> {
    this.#fail('read', key);
    for await (const chunk of this.#inner.read(key)) {
      if (this.#harms() && key.endsWith('.bundle')) {
        const flipped = Buffer.from(chunk);
        const at = this.#chance.below(flipped.length);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << this.#chance.below(8));
        yield flipped;
      } else yield chunk;
    }
  }

  stat(key: string): Promise<{ bytes: number } | undefined> {
    return this.#do(`stat ${key}`, () => this.#inner.stat(key));
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    this.#fail('list', prefix);
    yield* this.#inner.list(prefix);
  }

  remove(key: string): Promise<void> {
    return this.#do(`remove ${key}`, () => this.#inner.remove(key));
  }

  unfinished(): AsyncIterable<UnfinishedWrite> {
    return this.#inner.unfinished();
  }

  /** Fails before, fails though it was done, is done twice, or just does it. */
  async #do<T>(what: string, act: () => Promise<T>): Promise<T> {
    if (!this.#harms()) return act();
    const way = this.#chance.among(['before', 'after', 'twice']);
    if (way === 'before') throw this.#failure(what);
    const done = await act();
    if (way === 'after') throw this.#failure(what);
    return what.startsWith('create') || what.startsWith('write') ? done : act();
  }

  #fail(what: string, key: string): void {
    if (this.#harms()) throw this.#failure(`${what} ${key}`);
  }

  #failure(what: string): HoldfastError {
    const transient = this.#chance.happens(0.7);
    return new HoldfastError('StorageFailed', `${what} failed`, { transient });
  }

  #harms(): boolean {
    if (!this.#chance.happens(this.#probability)) return false;
    this.#counts.faults++;
    return true;
  }
}
