import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { userAgent } from '#core/runtime/version.ts';
import type { HostAddress } from './address.ts';
import { apiGet, type ApiAnswer } from './api-get.ts';
import type { Credential } from './credential.ts';
import { parseLinks } from './link-header.ts';
import { fallbackMs, isLimit, quietMs, text } from './rate-limit.ts';
import { limited, RequestBudget } from './request-budget.ts';

export interface HostApiOptions {
  http: HttpClient;
  address: HostAddress;
  credential: Credential;
  requestsPerMinute: number;
  /** The longest time that one answer may take, in milliseconds. */
  requestTimeoutMs: number;
  /** Also bounds how long the host may ask us to wait. */
  retry: RetryPolicy;
  signal: AbortSignal | undefined;
  /** Called before a request is made again. */
  onRetry: ((error: HoldfastError) => void) | undefined;
}

/** So many pages in a row that bring nothing new are not an accident of paging: the server ignores where we are. */
const mostRepeatedPages = 5;

const messageSchema = v.object({
  message: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())])),
  error: v.optional(v.string()),
});

/** Reads the JSON API of a Git host, page by page, within its limits. */
export class HostApi {
  readonly #options: HostApiOptions;
  readonly #budget: RequestBudget;

  constructor(options: HostApiOptions) {
    this.#options = options;
    const { requestsPerMinute, retry, signal } = options;
    this.#budget = new RequestBudget({ requestsPerMinute, longestWaitMs: retry.longestWaitMs, signal });
  }

  /**
   * One answer of the API.
   * @param path below the API's base, with its query
   * @param what was asked for, for messages: `the group acme`
   * @throws {HoldfastError} SourceMissing, AccessDenied, RateLimited, Unavailable, ProtocolViolation
   */
  async get<const Schema extends v.GenericSchema>(
    path: string,
    what: string,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const { data } = await this.#ask(new URL(`${this.#options.address.api}${path}`), what, schema);
    return data;
  }

  /** As `get`; undefined where there is no such thing, or the credential may not see it. */
  async find<const Schema extends v.GenericSchema>(
    path: string,
    what: string,
    schema: Schema,
  ): Promise<v.InferOutput<Schema> | undefined> {
    try {
      return await this.get(path, what, schema);
    } catch (error) {
      if (hasCode(error, 'SourceMissing')) return undefined;
      throw error;
    }
  }

  /**
   * All pages of a listing, as the host links them.
   * @param identify names an entry; a listing whose pages bring nothing new does not end, and is given up
   * @throws {HoldfastError} ProtocolViolation where the pages never end or lead elsewhere
   */
  async *pages<Entry>(
    path: string,
    what: string,
    schema: v.GenericSchema<unknown, Entry[]>,
    identify: (entry: Entry) => string,
  ): AsyncGenerator<{ entries: Entry[]; headers: ApiAnswer['headers'] }> {
    const { address } = this.#options;
    const known = new Set<string>();
    let withoutNews = 0;
    let url: URL | undefined = new URL(`${address.api}${path}`);
    for (let page = 1; url !== undefined; page++) {
      const { data, headers } = await this.#ask(url, `page ${page} of ${what}`, schema);
      const knownBefore = known.size;
      for (const entry of data) known.add(identify(entry));
      withoutNews = known.size > knownBefore ? 0 : withoutNews + 1;
      yield { entries: data, headers };
      const { next } = parseLinks(text(headers['link']));
      if (next !== undefined && withoutNews > mostRepeatedPages)
        throw new HoldfastError(
          'ProtocolViolation',
          `the list of ${what} at ${address.host} does not end: page ${page} holds nothing new`,
        );
      url = next === undefined ? undefined : this.#nextPage(next, url);
    }
  }

  close(): void {
    this.#budget.close();
  }

  /**
   * Behind a proxy a host may link its pages by its own origin; only the path and query are taken, so that the
   * token goes to the address that was configured.
   */
  #nextPage(link: string, from: URL): URL {
    const { origin, host } = this.#options.address;
    if (!URL.canParse(link, from.href))
      throw new HoldfastError('ProtocolViolation', `${host} links a page by an address that is not valid`);
    const { pathname, search } = new URL(link, from);
    return new URL(`${pathname}${search}`, origin);
  }

  async #ask<const Schema extends v.GenericSchema>(
    url: URL,
    what: string,
    schema: Schema,
  ): Promise<{ data: v.InferOutput<Schema>; headers: ApiAnswer['headers'] }> {
    const { http, address, credential, requestTimeoutMs, retry: policy, signal, onRetry } = this.#options;
    const request = { http, origin: address.origin, credential, budget: this.#budget, timeoutMs: requestTimeoutMs };
    const once = async (): Promise<{ data: v.InferOutput<Schema>; headers: ApiAnswer['headers'] }> => {
      const answer = await apiGet(request, url, { accept: 'application/json', 'user-agent': userAgent });
      if (answer.status !== 200) throw await this.#refusal(answer, what);
      const place = `the answer of ${address.host} for ${what}`;
      return {
        data: parseJson(schema, answer.body.toString('utf8'), place, 'ProtocolViolation'),
        headers: answer.headers,
      };
    };
    return retry(once, policy, { signal, ...(onRetry ? { onRetry } : {}) });
  }

  async #refusal({ status, headers, body }: ApiAnswer, what: string): Promise<HoldfastError> {
    const { address, credential, retry: policy } = this.#options;
    const said = messageOf(body);
    const answers = `${address.host} answers ${status}${said === '' ? '' : ` (${said})`} for ${what}`;
    const hasToken = (await credential.token()) !== undefined;
    if (isLimit(status, headers, said)) {
      const wait = quietMs(headers) ?? fallbackMs;
      if (wait > policy.longestWaitMs) return limited(`${answers}; no further request is accepted`, wait);
      return new HoldfastError('RateLimited', answers, {
        transient: true,
        retryAfterMs: wait,
        advice: 'Lower the requests a minute, or give a token that nothing else uses.',
      });
    }
    if (status === 401 || status === 403)
      return new HoldfastError('AccessDenied', answers, {
        advice: !hasToken
          ? 'Give a token.'
          : status === 401
            ? 'The token is wrong, expired or revoked: replace it with a valid one.'
            : 'Give the token the right to read the API and the repositories.',
      });
    if (status === 404 || status === 410)
      return new HoldfastError('SourceMissing', answers, {
        advice: hasToken
          ? 'Check the name; the answer is the same for what the token cannot see.'
          : 'Check the name; what is private is visible only with a token.',
      });
    if (status === 451) return new HoldfastError('SourceBlocked', `${answers}: blocked for legal reasons`);
    const wait = quietMs(headers);
    return new HoldfastError('Unavailable', answers, {
      transient: status >= 500 && (wait ?? 0) <= policy.longestWaitMs,
      retryAfterMs: wait,
    });
  }
}

/** GitLab says `{"message": …}` or `{"error": …}`, Gitea `{"message": …}`; proxies say something else. */
function messageOf(body: Buffer): string {
  try {
    const { message, error } = parseJson(messageSchema, body.toString('utf8'), 'a refusal');
    return serverMessage(typeof message === 'string' ? message : (error ?? ''));
  } catch {
    return '';
  }
}
