/**
 * A vault whose every operation is a step that waits until it is its turn, so that a test decides in which order the
 * steps of several tasks come, and where one of them dies.
 */
import type { ListedObject, ObjectWriter, UnfinishedWrite, Vault } from '#core/vault/storage/vault.ts';

export class StepVault implements Vault {
  readonly #inner: Vault;
  readonly #turn: (step: string) => Promise<() => void>;

  /** @param turn resolves when the step may be done, with what to call once it is */
  constructor(inner: Vault, turn: (step: string) => Promise<() => void>) {
    this.#inner = inner;
    this.#turn = turn;
  }

  get location(): string {
    return this.#inner.location;
  }

  writer(key: string): ObjectWriter {
    const inner = this.#inner.writer(key);
    return {
      write: (bytes) => inner.write(bytes),
      finish: () => this.#step(`finish ${key}`, () => inner.finish()),
      abort: () => inner.abort(),
    };
  }

  create(key: string, content: Uint8Array): Promise<void> {
    return this.#step(`create ${key}`, () => this.#inner.create(key, content));
  }

  replace(key: string, content: Uint8Array): Promise<void> {
    return this.#step(`replace ${key}`, () => this.#inner.replace(key, content));
  }

  async *read(key: string): AsyncIterable<Buffer> {
    yield* await this.#step(`read ${key}`, () => collected(this.#inner.read(key)));
  }

  stat(key: string): Promise<{ bytes: number } | undefined> {
    return this.#step(`stat ${key}`, () => this.#inner.stat(key));
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    yield* await this.#step(`list ${prefix}`, () => collected(this.#inner.list(prefix)));
  }

  remove(key: string): Promise<void> {
    return this.#step(`remove ${key}`, () => this.#inner.remove(key));
  }

  unfinished(): AsyncIterable<UnfinishedWrite> {
    return this.#inner.unfinished();
  }

  async #step<T>(name: string, act: () => Promise<T>): Promise<T> {
    const ended = await this.#turn(name);
    try {
      return await act();
    } finally {
      ended();
    }
  }
}

async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** A task that does its steps when it is told to. */
export class SteppedTask {
  readonly vault: StepVault;
  /** The steps that were done, in order. */
  readonly steps: string[] = [];
  readonly #waiting: (() => Promise<void>)[] = [];
  #ended: Promise<unknown> | undefined;
  #done = false;
  #stir: () => void = () => undefined;

  constructor(inner: Vault) {
    this.vault = new StepVault(
      inner,
      (step) =>
        new Promise<() => void>((begin) => {
          this.#waiting.push(() => {
            this.steps.push(step);
            return new Promise<void>((ended) => begin(ended));
          });
          this.#stir();
        }),
    );
  }

  get done(): boolean {
    return this.#done;
  }

  start(work: (vault: Vault) => Promise<unknown>): void {
    this.#ended = work(this.vault).finally(() => {
      this.#done = true;
      this.#stir();
    });
    this.#ended.catch(() => undefined);
  }

  /** Lets it do so many steps; fewer where it ends before. */
  async advance(steps: number): Promise<void> {
    for (let at = 0; at < steps && !this.#done; at++) {
      await this.#untilAsking();
      await this.#waiting.shift()?.();
    }
    // What follows the last step without asking the vault belongs to it.
    if (!this.#done) await this.#untilAsking();
  }

  /** Lets it go on to its end. @throws what it threw */
  async finish(): Promise<void> {
    await this.advance(Infinity);
    await this.#ended;
  }

  async #untilAsking(): Promise<void> {
    while (this.#waiting.length === 0 && !this.#done) await new Promise<void>((resolve) => (this.#stir = resolve));
  }
}
