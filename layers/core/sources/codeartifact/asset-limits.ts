import Bottleneck from 'bottleneck';

/** What fits into the first part of an upload, in bytes. */
const smallBytes = 5 << 20;

/**
 * How many assets are on their way at once, in all that one process does at the same time: a small one takes its own
 * size of memory, a large one some forty megabytes.
 */
export class AssetLanes {
  readonly #small = new Bottleneck({ maxConcurrent: 6 });
  readonly #large = new Bottleneck({ maxConcurrent: 2 });

  /** Runs what moves an asset of so many bytes once there is room for it. */
  take<T>(bytes: number, move: () => Promise<T>): Promise<T> {
    return (bytes > smallBytes ? this.#large : this.#small).schedule(move);
  }
}
