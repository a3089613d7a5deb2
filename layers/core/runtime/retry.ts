import pRetry from 'p-retry';
import { HoldfastError, interrupted } from './errors.ts';

export interface RetryPolicy {
  /** How often the task is tried in all. */
  attempts: number;
  /** The wait after the first failure, in milliseconds, then jittered. */
  firstWaitMs: number;
  /** Each further wait is twice the one before, or with `steady` longer by the first. */
  growth?: 'doubling' | 'steady';
  /** No wait is longer than this, in milliseconds, whatever the other side asks. */
  longestWaitMs: number;
}

/** Five, ten seconds or so between three tries: what throttled Git servers recover in. */
export const defaultRetryPolicy: RetryPolicy = { attempts: 3, firstWaitMs: 5_000, longestWaitMs: 120_000 };

/**
 * Runs a task until it succeeds, fails for good (an error that is not `transient`), or has been tried often enough.
 * Honours `retryAfterMs` of the error. The last error is thrown as it was.
 */
export async function retry<T>(
  task: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  options: { signal?: AbortSignal | undefined; onRetry?: (error: HoldfastError, attempt: number) => void } = {},
): Promise<T> {
  const { signal, onRetry } = options;
  try {
    return await pRetry(task, {
      retries: policy.attempts - 1,
      // All waiting is done below.
      minTimeout: 0,
      maxTimeout: 0,
      ...(signal ? { signal } : {}),
      shouldRetry: ({ error }) => error instanceof HoldfastError && error.transient,
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (!(error instanceof HoldfastError) || !error.transient || retriesLeft === 0) return;
        onRetry?.(error, attemptNumber);
        const asked = Math.min(error.retryAfterMs ?? 0, policy.longestWaitMs);
        await sleep(asked + jittered(policy, attemptNumber), signal);
      },
    });
  } catch (error) {
    if (signal?.aborted) throw interrupted(signal);
    throw error;
  }
}

/** Between once and twice the wait that is due, so that those who failed together do not come back together. */
function jittered({ firstWaitMs, growth, longestWaitMs }: RetryPolicy, failures: number): number {
  const due = firstWaitMs * (growth === 'steady' ? failures : 2 ** (failures - 1));
  return Math.min(due * (1 + Math.random()), longestWaitMs);
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(interrupted(signal ?? AbortSignal.abort()));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
