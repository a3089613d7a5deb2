import type { PackSink } from './fetch.ts';

/**
 * Runs a producer that pushes bytes together with a consumer that pulls them. There is no buffer in between: a push
 * resolves when the consumer comes back for more, so that a slow consumer slows the producer down.
 * @throws the error of whichever failed first, once both have ended
 */
export async function pipe<P, C>(
  produce: (sink: PackSink) => Promise<P>,
  consume: (chunks: AsyncIterable<Buffer>) => Promise<C>,
): Promise<[P, C]> {
  const handover = new Handover();
  const ending = <T>(task: Promise<T>): Promise<T> =>
    task.then(
      (value) => {
        handover.end();
        return value;
      },
      (error: unknown) => {
        handover.fail(error);
        throw error;
      },
    );
  const consumed = ending(consume(handover));
  const produced = ending(produce((bytes) => handover.push(bytes)));
  try {
    return await Promise.all([produced, consumed]);
  } finally {
    await Promise.allSettled([produced, consumed]);
  }
}

/** Where one side lays down a chunk and the other picks it up. */
class Handover implements AsyncIterable<Buffer> {
  #chunk: Buffer | undefined;
  #ended = false;
  #failure: { error: unknown } | undefined;
  /** Wakes the side that waits: never more than one does. */
  #wake: () => void = () => undefined;

  async push(bytes: Buffer): Promise<void> {
    this.#chunk = bytes;
    this.#wake();
    await this.#until(() => this.#chunk === undefined || this.#ended);
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      await this.#until(() => this.#chunk !== undefined || this.#ended);
      if (!this.#chunk) return;
      yield this.#chunk;
      this.#chunk = undefined;
      this.#wake();
    }
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!this.#failure && !reached()) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure.error;
  }
}
