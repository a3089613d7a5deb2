import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, HoldfastError } from '#core/runtime/errors.ts';
import { exitCode } from './exit-codes.ts';

const signals = {
  SIGINT: { called: 'Ctrl-C', exitCode: exitCode.interrupted },
  SIGTERM: { called: 'SIGTERM', exitCode: exitCode.terminated },
} as const;

/** Turns Ctrl-C and SIGTERM into a request to wind down. A second one ends the process at once. */
export class Stopping {
  readonly #controller = new AbortController();
  readonly #onMessage = (message: unknown): void => {
    if (this.#by === undefined && (message === 'SIGINT' || message === 'SIGTERM')) this.#stop(message);
  };
  readonly #listeners = { SIGINT: () => this.#stop('SIGINT'), SIGTERM: () => this.#stop('SIGTERM') };
  #by: keyof typeof signals | undefined;
  #onStop: () => void = () => undefined;

  constructor() {
    process.on('SIGINT', this.#listeners.SIGINT).on('SIGTERM', this.#listeners.SIGTERM);
    // `run` starts us with a channel, by which it hands on what it alone was sent. The channel must not keep us alive,
    // unless others in this process listen to theirs.
    process.on('message', this.#onMessage);
    if (process.listenerCount('message') === 1) process.channel?.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when the process was asked to stop. */
  asked(): Promise<void> {
    return new Promise((resolve) => (this.#onStop = resolve));
  }

  /** What to say of an error: once the process was asked to stop, whatever fails fails for that. */
  async explain(error: unknown): Promise<unknown> {
    // A program that we started may hear of it before we do.
    if (hasCode(error, 'Interrupted')) await sleep(50);
    if (this.#by === undefined || hasCode(error, 'Damaged')) return error;
    return this.error(error);
  }

  error(cause?: unknown): HoldfastError {
    return new HoldfastError('Interrupted', `stopped by ${signals[this.#by ?? 'SIGINT'].called}`, { cause });
  }

  /** Tells by which signal an interrupted verb was interrupted; any other code stays. */
  exitCode(code: number): number {
    return code === exitCode.interrupted ? signals[this.#by ?? 'SIGINT'].exitCode : code;
  }

  release(): void {
    process.off('SIGINT', this.#listeners.SIGINT).off('SIGTERM', this.#listeners.SIGTERM);
    process.off('message', this.#onMessage);
  }

  #stop(by: keyof typeof signals): void {
    if (this.#by !== undefined) {
      // Listeners that are left clean up: what is drawn, and scratch folders.
      this.release();
      process.exit(signals[by].exitCode);
    }
    this.#by = by;
    this.#controller.abort(this.error());
    this.#onStop();
  }
}
