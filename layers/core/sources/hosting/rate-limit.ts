import { retryAfterMs } from '#core/runtime/http.ts';

/** The headers of an answer, by their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, unknown>>;

/**
 * How long the host wants no further request, in milliseconds: what Retry-After says, else until the primary limit is
 * reset when nothing is left of it. Undefined: no such wish.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 * @param reserve the share of the limit that counts as nothing, since it is left to others
 */
export function quietMs(headers: AnswerHeaders, reserve = 0): number | undefined {
  const asked = retryAfterMs({ 'retry-after': text(headers['retry-after']) });
  if (asked !== undefined) return asked;
  // GitLab names them without the x: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
  const remaining = text(headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']);
  const limit = Number(text(headers['x-ratelimit-limit'] ?? headers['ratelimit-limit']));
  const left = reserve > 0 && limit > 0 ? limit * reserve : 0;
  if (remaining === undefined || !(Number(remaining) <= left)) return undefined;
  return untilResetMs(headers) ?? fallbackMs;
}

function untilResetMs(headers: AnswerHeaders): number | undefined {
  const reset = Number(text(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'])) * 1000;
  if (Number.isNaN(reset)) return undefined;
  // By the server's clock, since ours may be wrong; both are in whole seconds, so a second is added.
  const serverNow = Date.parse(text(headers['date']) ?? '');
  return Math.max(0, reset - (Number.isNaN(serverNow) ? Date.now() : serverNow)) + 1000;
}

/**
 * How long to wait between requests so that what is left of the primary limit lasts until it is reset, in milliseconds; 0
 * while more than half of it is left.
 */
export function pauseMs(headers: AnswerHeaders, reserve: number): number {
  const limit = Number(text(headers['x-ratelimit-limit']));
  const spare = Number(text(headers['x-ratelimit-remaining'])) - limit * reserve;
  const left = untilResetMs(headers);
  if (left === undefined || !(spare > 0) || spare > limit / 2) return 0;
  return left / spare;
}

/** What the same page asks for where no header says how long. */
export const fallbackMs = 60_000;

/** Whether an answer refuses a request for its frequency. Older servers call the secondary limit "abuse detection". */
export function isLimit(status: number, headers: AnswerHeaders, message: string): boolean {
  if (status === 429) return true;
  return status === 403 && (quietMs(headers) !== undefined || /secondary rate|abuse detection/i.test(message));
}

export function text(header: unknown): string | undefined {
  return typeof header === 'string' ? header : typeof header === 'number' ? String(header) : undefined;
}
