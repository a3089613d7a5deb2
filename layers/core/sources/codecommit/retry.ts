import type { RetryPolicy } from '#core/runtime/retry.ts';

/**
 * 5, 10, 15 and 20 seconds or up to twice as much between five tries. CodeCommit throttles parallel fetches of an account
 * by 429, for as long as too many come.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/troubleshooting-ae.html
 */
export const codeCommitRetryPolicy: RetryPolicy = {
  attempts: 5,
  firstWaitMs: 5_000,
  growth: 'steady',
  longestWaitMs: 120_000,
};
