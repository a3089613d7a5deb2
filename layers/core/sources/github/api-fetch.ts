import { HoldfastError } from '#core/runtime/errors.ts';
import { readWhole, type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import type { GitHubAddresses } from './addresses.ts';
import type { Credential } from './credential.ts';
import type { RequestBudget } from './request-budget.ts';

/** A page of 100 repositories takes about 700 KB. */
const longestAnswer = 16 << 20;
const longestRedirectChain = 5;

export interface ApiFetchOptions {
  http: HttpClient;
  addresses: GitHubAddresses;
  credential: Credential;
  budget: RequestBudget;
  /** The longest time that the body of one answer may take, in milliseconds; the client bounds the wait before it. */
  timeoutMs: number;
}

/** What Octokit passes to its `fetch`, as far as reading requests have it. */
interface FetchInit {
  method?: string;
  headers?: Record<string, string>;
}

export type ApiFetch = (url: string, init?: FetchInit) => Promise<Response>;

interface Answer {
  status: number;
  headers: HttpResponse['headers'];
  body: Buffer;
}

/**
 * The `fetch` below Octokit, over our own client, which knows proxies and stalled servers. The token is added here
 * and not by Octokit, so that it goes to the API's origin only, can be renewed, and is in no error of Octokit's.
 */
export function apiFetch(options: ApiFetchOptions): ApiFetch {
  return async (address, { method = 'GET', headers = {} } = {}) => {
    if (method !== 'GET') throw new RangeError(`this client only reads, it sends no ${method}`);
    let url = new URL(address);
    for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
      const answer = await authorized(options, url, headers);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) return responseOf(answer);
      url = redirected(url, location, options.addresses.apiOrigin);
    }
    throw new HoldfastError('Unavailable', `${url.host} redirects more than ${longestRedirectChain} times`);
  };
}

/** Sends a request with the token; where that is refused, once more with a newer one. */
async function authorized(options: ApiFetchOptions, url: URL, headers: Record<string, string>): Promise<Answer> {
  const token = await options.credential.token();
  const answer = await send(options, url, headers, token);
  if (answer.status !== 401 || token === undefined) return answer;
  const renewed = await options.credential.renewed(token);
  return renewed === undefined ? answer : send(options, url, headers, renewed);
}

function send(
  { http, budget, timeoutMs }: ApiFetchOptions,
  url: URL,
  headers: Record<string, string>,
  token: string | undefined,
): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return budget.run(async () => {
    const response = await http.send({ method: 'GET', url, headers: { ...headers, ...authorization } });
    budget.heed(response.headers);
    const body = await readWhole(
      within(timeoutMs, response.body, url.host),
      longestAnswer,
      `the answer of ${url.host}`,
    );
    return { status: response.status, headers: response.headers, body };
  });
}

/** Passes chunks on until the time is over: a server that drips never stalls, and yet never ends. */
async function* within(limitMs: number, body: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  const start = performance.now();
  for await (const chunk of body) {
    if (performance.now() - start > limitMs)
      throw new HoldfastError('Stalled', `${what} did not finish its answer within ${limitMs / 1000} s`, {
        transient: true,
      });
    yield chunk;
  }
}

/** An answer from elsewhere would not be GitHub's, so a redirect is followed within the API only. */
function redirected(from: URL, location: string, origin: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin === origin) return to;
  throw new HoldfastError('Unavailable', `${from.host} redirects to ${to?.origin ?? 'nowhere'}`, {
    advice: "If GitHub has moved there, give that as the API's address.",
  });
}

/** Statuses whose answers have no body (https://fetch.spec.whatwg.org/#null-body-status). */
const withoutBody = [204, 205, 304];

function responseOf({ status, headers, body }: Answer): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return new Response(withoutBody.includes(status) ? null : new Uint8Array(body), { status, headers: pairs });
}
