import { throwIfInterrupted, type HoldfastError } from '#core/runtime/errors.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import type { CheckedManifest } from './manifest.ts';
import { snapshotOutcome, type Stored, type Unchanged } from './outcome.ts';

export interface Attempts {
  options: { full: boolean; retry: RetryPolicy };
  signal?: AbortSignal | undefined;
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

/** What a snapshot was to build on can be removed meanwhile, or its name be taken, again and again; a full one needs nothing. */
const roundsBeforeFull = 2;

/**
 * Takes a snapshot, as often as it has to start again.
 * @param take gives nothing if it has to, since the vault has changed meanwhile
 */
export async function takeUntilWhole(
  { options, signal, onRetry }: Attempts,
  take: (full: boolean) => Promise<CheckedManifest | undefined>,
): Promise<Stored | Unchanged> {
  const committed = await retry(
    async () => {
      for (let round = 0; ; round++) {
        throwIfInterrupted(signal);
        const taken = await take(options.full || round >= roundsBeforeFull);
        if (taken) return taken;
      }
    },
    options.retry,
    { signal, ...(onRetry ? { onRetry } : {}) },
  );
  return snapshotOutcome(committed);
}
