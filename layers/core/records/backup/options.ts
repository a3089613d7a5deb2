import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { ObjectTags } from '#core/vault/storage/vault.ts';

/** How records are taken. */
export interface RecordOptions {
  /** Look at everything and store all records again, even where those that have changed would do. */
  full: boolean;
  /** A new full snapshot is taken when a chain has this many. */
  longestChain: number;
  /** A new full snapshot is taken when the increments weigh more than this many times their full snapshot. */
  heaviestChain: number;
  /** For the data objects, where storage knows tags. */
  tags: ObjectTags;
  retry: RetryPolicy;
}

/** How often everything is looked at, so that what is gone is found, in milliseconds. */
export const reconcileEveryMs = 7 * 86_400_000;
