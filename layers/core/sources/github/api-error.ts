import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { fallbackMs, isLimit, quietMs, text } from '../hosting/rate-limit.ts';
import { limited } from '../hosting/request-budget.ts';

/** What GitHub says of a repository that it has closed: https://docs.github.com/en/rest/repos/repos#get-a-repository */
const blockSchema = v.object({
  reason: v.optional(v.string(), 'no reason given'),
  html_url: v.nullish(v.string()),
});

/** An error of Octokit's, as far as it is of use. */
const failureSchema = v.object({
  status: v.number(),
  cause: v.optional(v.unknown()),
  response: v.optional(
    v.object({
      headers: v.record(v.string(), v.unknown()),
      data: v.fallback(
        v.object({ message: v.optional(v.string(), ''), block: v.fallback(v.optional(blockSchema), undefined) }),
        { message: '', block: undefined },
      ),
    }),
  ),
});

export interface ApiCallContext {
  /** Which GitHub: `github.com`. */
  host: string;
  /** What was asked for, for the message: `the account acme`. */
  what: string;
  hasToken: boolean;
  /** The longest wait that GitHub may ask for, in milliseconds, before the call is made again. */
  longestWaitMs: number;
}

/** Makes our error of whatever a call through Octokit threw; what is not a refusal or a failure stays as it is. */
export function apiError(error: unknown, context: ApiCallContext): unknown {
  const parsed = v.safeParse(failureSchema, error);
  if (!parsed.success) return error;
  const { status, response, cause } = parsed.output;
  if (cause instanceof HoldfastError) return cause;
  if (!response) return cause ?? error;
  const { headers, data } = response;
  const { message, block } = data;
  const answers = `${context.host} answers ${status}${quoted(message)} for ${context.what}`;
  if (isLimit(status, headers, message)) return rateLimited(answers, quietMs(headers) ?? fallbackMs, context);
  if (status === 451 || block)
    return new HoldfastError(
      'SourceBlocked',
      `${answers}: blocked${block ? quoted(block.reason) : ' for legal reasons'}`,
      {
        advice: block?.html_url == null ? undefined : `GitHub explains it at ${serverMessage(block.html_url)}`,
      },
    );
  if (status === 401 || status === 403)
    return new HoldfastError('AccessDenied', answers, { advice: accessAdvice(status, headers, message, context) });
  if (status === 404 || status === 410)
    return new HoldfastError('SourceMissing', answers, {
      advice: context.hasToken
        ? 'Check the name; the answer is the same for what the token cannot see.'
        : 'Check the name; what is private is visible only with a token.',
    });
  const wait = quietMs(headers);
  return new HoldfastError('Unavailable', answers, {
    transient: status >= 500 && (wait ?? 0) <= context.longestWaitMs,
    retryAfterMs: wait,
  });
}

function rateLimited(answers: string, waitMs: number, { longestWaitMs }: ApiCallContext): HoldfastError {
  if (waitMs > longestWaitMs) return limited(`${answers}; no request is possible`, waitMs);
  return new HoldfastError('RateLimited', answers, {
    transient: true,
    retryAfterMs: waitMs,
    advice: 'Lower the requests a minute, or give a token that nothing else uses.',
  });
}

const appRefused = /not accessible by integration/i;

/** Whether GitHub refused a call that apps' tokens cannot make, however much they may read. */
export function isAppRefused(error: unknown): boolean {
  return hasCode(error, 'AccessDenied') && appRefused.test(error.message);
}

/**
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 * https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api (single sign-on)
 */
function accessAdvice(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  message: string,
  { hasToken }: ApiCallContext,
): string {
  if (!hasToken) return 'Give a token.';
  if (status === 401) return 'The token is wrong, expired or revoked: replace it with a valid one.';
  // The header's own link is not repeated: it carries a request that is good for an hour.
  if (text(headers['x-github-sso'])?.startsWith('required'))
    return "Authorise the token for the organisation's single sign-on: GitHub → Settings → Developer settings → Personal access tokens → Configure SSO.";
  const permissions = text(headers['x-accepted-github-permissions']);
  if (permissions !== undefined) return `Give the token the permission ${serverMessage(permissions)}.`;
  if (appRefused.test(message))
    return 'The token belongs to an app and not to a user: name the account whose repositories are wanted.';
  if (/ip allow list/i.test(message)) return "Add this machine's address to the organisation's IP allow list.";
  return 'Give the token read access to the contents and metadata of the repositories.';
}

function quoted(said: string): string {
  const words = serverMessage(said);
  return words === '' ? '' : ` (${words})`;
}
