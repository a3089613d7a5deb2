import { HoldfastError, messageOf } from '#core/runtime/errors.ts';

/**
 * Collects a stream into blocks and stores them while the next one fills. The blocks' memory is reused, so a stream
 * of any length needs at most `blocks` of them; when storage is slow, the source waits.
 */
export class BlockWriter {
  readonly #blockBytes: (index: number) => number;
  readonly #store: (block: Buffer, index: number) => Promise<void>;
  readonly #blocks: number;
  readonly #free: Buffer[] = [];
  readonly #storing = new Set<Promise<void>>();
  #current: Buffer | undefined;
  #filled = 0;
  #index = 0;
  #failure: Error | undefined;

  /**
   * @param options.blockBytes the size of the block of that index; must not shrink
   * @param options.blocks how many blocks exist at once at most: one fills while the others are stored
   * @param options.store stores one block; the buffer is only valid until its promise settles
   */
  constructor(options: {
    blockBytes: (index: number) => number;
    blocks: number;
    store: (block: Buffer, index: number) => Promise<void>;
  }) {
    this.#blockBytes = options.blockBytes;
    this.#blocks = options.blocks;
    this.#store = options.store;
  }

  /** Copies the bytes. Returns a promise only when the source must wait for storage. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    let rest = bytes;
    while (rest.length > 0) {
      if (!this.#current && this.#storing.size >= this.#blocks) return this.#writeLater(rest);
      const current = this.#current ?? this.#allocate();
      const taken = Math.min(rest.length, current.length - this.#filled);
      current.set(taken === rest.length ? rest : rest.subarray(0, taken), this.#filled);
      this.#filled += taken;
      if (this.#filled === current.length) this.#dispatch();
      rest = rest.subarray(taken);
    }
    return undefined;
  }

  /** The bytes of a stream so short that no block has been stored yet; undefined once one has. */
  only(): Buffer | undefined {
    if (this.#failure) throw this.#failure;
    if (this.#index > 0) return undefined;
    return this.#current?.subarray(0, this.#filled) ?? Buffer.alloc(0);
  }

  /** Stores what is left and waits for all blocks. */
  async finish(): Promise<void> {
    if (this.#filled > 0 && !this.#failure) this.#dispatch();
    await this.#settle();
    if (this.#failure) throw this.#failure;
  }

  /** Accepts no further bytes, and waits until no block is in progress, whatever became of them. */
  async stop(): Promise<void> {
    this.#failure ??= new HoldfastError('StorageFailed', 'the object has been given up');
    await this.#settle();
  }

  async #settle(): Promise<void> {
    while (this.#storing.size > 0) await Promise.all(this.#storing);
  }

  async #writeLater(rest: Uint8Array): Promise<void> {
    await Promise.race(this.#storing);
    await this.write(rest);
  }

  #allocate(): Buffer {
    const size = this.#blockBytes(this.#index);
    const reused = this.#free.pop();
    this.#current = reused?.length === size ? reused : Buffer.allocUnsafeSlow(size);
    this.#filled = 0;
    return this.#current;
  }

  #dispatch(): void {
    const block = this.#current;
    if (!block) return;
    const stored = this.#store(block.subarray(0, this.#filled), this.#index)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(messageOf(error));
      })
      .finally(() => {
        this.#storing.delete(stored);
        this.#free.push(block);
      });
    this.#storing.add(stored);
    this.#index += 1;
    this.#current = undefined;
    this.#filled = 0;
  }
}
