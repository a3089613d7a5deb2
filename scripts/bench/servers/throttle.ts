import type { Readable } from 'node:stream';

/** Takes bytes only as fast as a rate allows, over all streams together. */
export class Throttle {
  readonly #bytesPerSecond: number;
  /** When what was taken so far is paid for, in milliseconds. */
  #paidAt = 0;

  /** @param bytesPerSecond 0 for no limit */
  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  slowDown(stream: Readable): void {
    if (this.#bytesPerSecond === 0) return;
    stream.on('data', (chunk: Buffer) => {
      const now = performance.now();
      this.#paidAt = Math.max(this.#paidAt, now) + (chunk.length / this.#bytesPerSecond) * 1000;
      stream.pause();
      setTimeout(() => stream.resume(), this.#paidAt - now);
    });
  }
}
