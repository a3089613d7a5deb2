/** The time, in milliseconds, after which what came before weighs a third (1/e) of what it did. */
const memoryMs = 5_000;

/** Bytes a second, of which recent ones weigh more: it decays while nothing comes. */
export class Rate {
  /** Bytes, each weighing less the older it is. */
  #weighted = 0;
  readonly #began: number;
  #at: number;

  constructor(now = performance.now()) {
    this.#began = now;
    this.#at = now;
  }

  add(bytes: number, now = performance.now()): void {
    this.#decay(now);
    this.#weighted += bytes;
  }

  perSecond(now = performance.now()): number {
    this.#decay(now);
    // What would weigh as much if it had always been this fast; at first the memory is not full yet.
    const window = memoryMs * (1 - Math.exp((this.#began - now) / memoryMs));
    return window <= 0 ? 0 : (this.#weighted / window) * 1000;
  }

  #decay(now: number): void {
    this.#weighted *= Math.exp((this.#at - now) / memoryMs);
    this.#at = now;
  }
}
