import { HoldfastError } from '#core/runtime/errors.ts';
import { type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import type { Credential } from './credential.ts';
import type { RequestBudget } from './request-budget.ts';

/** A page of 100 repositories takes about 700 KB. */
const longestAnswer = 16 << 20;
const longestRedirectChain = 5;

export interface ApiGetOptions {
  http: HttpClient;
  /** The only origin that is asked, and that gets the token. */
  origin: string;
  credential: Credential;
  budget: RequestBudget;
  /** The longest time that the body of one answer may take, in milliseconds; the client bounds the wait before it. */
  timeoutMs: number;
}

export interface ApiAnswer {
  status: number;
  headers: HttpResponse['headers'];
  body: Buffer;
}

/**
 * Asks a host's API for one answer, whatever its status. The token goes to the API's origin only; where it is refused,
 * the request is sent once more with a newer one. Redirects are followed within the API.
 * @param body sent by POST where there is one, as queries of GraphQL are
 * @throws {HoldfastError} what the client throws; Unavailable for redirects that lead elsewhere or never end
 */
export async function apiGet(
  options: ApiGetOptions,
  address: URL,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<ApiAnswer> {
  let url = address;
  for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
    const answer = await authorized(options, url, headers, body);
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
    url = redirected(url, location, options.origin);
  }
  throw new HoldfastError('Unavailable', `${url.host} redirects more than ${longestRedirectChain} times`);
}

/** Sends a request with the token; where that is refused, once more with a newer one. */
async function authorized(
  options: ApiGetOptions,
  url: URL,
  headers: Record<string, string>,
  body: Buffer | undefined,
): Promise<ApiAnswer> {
  const token = await options.credential.token();
  const answer = await send(options, url, headers, token, body);
  if (answer.status !== 401 || token === undefined) return answer;
  const renewed = await options.credential.renewed(token);
  return renewed === undefined ? answer : send(options, url, headers, renewed, body);
}

function send(
  { http, budget, timeoutMs }: ApiGetOptions,
  url: URL,
  headers: Record<string, string>,
  token: string | undefined,
  content: Buffer | undefined,
): Promise<ApiAnswer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return budget.run(async () => {
    const response = await http.send({
      method: content ? 'POST' : 'GET',
      url,
      headers: { ...headers, ...authorization },
      ...(content ? { body: { length: content.length, chunks: [content] } } : {}),
    });
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

/** An answer from elsewhere would not be the host's, so a redirect is followed within the API only. */
function redirected(from: URL, location: string, origin: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin === origin) return to;
  throw new HoldfastError('Unavailable', `${from.host} redirects to ${to?.origin ?? 'nowhere'}`, {
    advice: "If the host has moved there, give that as the API's address.",
  });
}
