import { setTimeout as sleep } from 'node:timers/promises';
import type Bottleneck from 'bottleneck';
import { HoldfastError, interrupted } from '#core/runtime/errors.ts';
import { pauseMs, quietMs, type AnswerHeaders } from './rate-limit.ts';

export interface RequestBudgetOptions {
  requestsPerMinute: number;
  /** Undefined: as many as the minutes of an hour allow. */
  requestsPerHour?: number | undefined;
  /** The longest silence that the host may impose; beyond it requests fail. In milliseconds. */
  longestWaitMs: number;
  signal: AbortSignal | undefined;
  /** The share of the host's limit that is left to others who use the same credential, 0 to 1. Default: none of it. */
  reserve?: number;
}

/**
 * Spends requests as hosts want them spent: one at a time, at most a set number a minute, and none while the host
 * has asked for silence. GitHub bans clients that go on asking.
 */
export class RequestBudget {
  readonly #options: RequestBudgetOptions;
  #limiter: Promise<Bottleneck> | undefined;
  #hourly: Bottleneck | undefined;
  #quietUntil = 0;
  /** Between two requests, in milliseconds, once half of the host's limit is spent. */
  #pause = 0;
  #lastSent = 0;
  readonly #stop = (): void => {
    void this.#limiter?.then((limiter) => limiter.stop({ dropWaitingJobs: true }));
    void this.#limiter?.then(() => this.#hourly?.stop({ dropWaitingJobs: true }));
  };

  constructor(options: RequestBudgetOptions) {
    this.#options = options;
    options.signal?.addEventListener('abort', this.#stop, { once: true });
  }

  /** @throws {HoldfastError} RateLimited when the silence is too long to wait for, or Interrupted */
  async run<T>(request: () => Promise<T>): Promise<T> {
    const limiter = await (this.#limiter ??= this.#load());
    try {
      return await limiter.schedule(async () => {
        await this.#keepQuiet();
        await this.#keepPace();
        return request();
      });
    } catch (error) {
      if (this.#options.signal?.aborted) throw interrupted(this.#options.signal);
      throw error;
    }
  }

  /** Notes what an answer says of the limits. */
  heed(headers: AnswerHeaders): void {
    const { reserve = 0 } = this.#options;
    const wait = quietMs(headers, reserve);
    if (wait !== undefined) this.#quietUntil = Math.max(this.#quietUntil, Date.now() + wait);
    this.#pause = reserve > 0 ? pauseMs(headers, reserve) : 0;
  }

  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#stop);
    void this.#limiter?.then((limiter) => limiter.disconnect());
    void this.#limiter?.then(() => this.#hourly?.disconnect());
  }

  async #load(): Promise<Bottleneck> {
    const { default: Bottleneck } = await import('bottleneck');
    const { requestsPerMinute, requestsPerHour } = this.#options;
    const within = (many: number, reservoirRefreshInterval: number): Bottleneck =>
      new Bottleneck({
        maxConcurrent: 1,
        reservoir: many,
        reservoirRefreshAmount: many,
        reservoirRefreshInterval,
      });
    const limiter = within(requestsPerMinute, 60_000);
    if (requestsPerHour !== undefined) limiter.chain((this.#hourly = within(requestsPerHour, 3_600_000)));
    return limiter;
  }

  /** Spreads what is left of the host's limit over the time that it has to last, so that nothing ends in the middle. */
  async #keepPace(): Promise<void> {
    const { signal } = this.#options;
    const wait = this.#lastSent + this.#pause - Date.now();
    if (wait > 0) await sleep(wait, undefined, signal ? { signal } : {});
    this.#lastSent = Date.now();
  }

  async #keepQuiet(): Promise<void> {
    const { longestWaitMs, signal } = this.#options;
    const wait = this.#quietUntil - Date.now();
    if (wait <= 0) return;
    if (wait > longestWaitMs) throw limited('the host accepts no further request', wait);
    await sleep(wait, undefined, signal ? { signal } : {});
  }
}

/** The failure of a request that would have to wait too long for the host's limit to end. */
export function limited(message: string, waitMs: number): HoldfastError {
  const until = new Date(Date.now() + waitMs).toISOString();
  return new HoldfastError('RateLimited', `${message} before ${until}`, {
    retryAfterMs: waitMs,
    advice: 'Run again after that, and give a token that nothing else uses.',
  });
}
