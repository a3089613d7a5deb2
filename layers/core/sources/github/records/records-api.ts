import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { parse } from '#core/runtime/schema.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { userAgent } from '#core/runtime/version.ts';
import { apiGet, type ApiAnswer } from '../../hosting/api-get.ts';
import type { Credential } from '../../hosting/credential.ts';
import { parseLinks } from '../../hosting/link-header.ts';
import { fallbackMs, quietMs, text } from '../../hosting/rate-limit.ts';
import { RequestBudget } from '../../hosting/request-budget.ts';
import type { GitHubAddresses } from '../addresses.ts';
import { apiError } from '../api-error.ts';
import { restVersion } from './api-versions.ts';
import { download } from './download.ts';
import { Refusal, whyRefused } from './refusal.ts';
import { property } from './shapes.ts';

/** What GitHub asks clients to leave to the owner's other tools, as a share of the limit. */
const reserve = 0.1;

/** A refusal says a sentence or two. */
const longestRefusal = 1 << 20;

export interface RecordsApiOptions {
  http: HttpClient;
  addresses: GitHubAddresses;
  credential: Credential;
  requestsPerMinute: number;
  requestTimeoutMs: number;
  retry: RetryPolicy;
  signal: AbortSignal | undefined;
  onRetry: ((error: HoldfastError) => void) | undefined;
}

export interface Page {
  entries: unknown[];
  /** The address of the next page as GitHub gives it; it may hold a cursor. */
  next: URL | undefined;
}

const graphqlSchema = v.object({
  data: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  errors: v.optional(v.array(v.object({ type: v.optional(v.string()), message: v.optional(v.string(), '') }))),
});

/** Reads GitHub's documents as they are, by REST and GraphQL, within the limits of each. */
export class RecordsApi {
  readonly addresses: GitHubAddresses;
  readonly #options: RecordsApiOptions;
  readonly #rest: RequestBudget;
  readonly #graphql: RequestBudget;
  readonly #garbage = new YoungGarbage(48 << 20);

  constructor(options: RecordsApiOptions) {
    this.#options = options;
    this.addresses = options.addresses;
    const { requestsPerMinute, signal } = options;
    const { longestWaitMs } = options.retry;
    this.#rest = new RequestBudget({ requestsPerMinute, longestWaitMs, signal, reserve });
    this.#graphql = new RequestBudget({ requestsPerMinute, longestWaitMs, signal, reserve });
  }

  /** @param path below the API's base, with its query */
  url(path: string): URL {
    return new URL(`${this.addresses.api}${path}`);
  }

  /**
   * One document.
   * @throws {HoldfastError} Refusal where GitHub does not give it
   */
  async get(path: string, what: string): Promise<unknown> {
    return (await this.#ask(this.url(path), what)).data;
  }

  /**
   * One page of a list.
   * @param within the name under which the answer has the list; by default it is the list
   * @throws {HoldfastError} Refusal where GitHub does not give it
   */
  async page(url: URL, what: string, within?: string): Promise<Page> {
    const { data, headers } = await this.#ask(url, what);
    const list = within === undefined ? data : property(data, within);
    const entries = parse(
      v.array(v.unknown()),
      list,
      `the answer of ${this.addresses.host} for ${what}`,
      'ProtocolViolation',
    );
    const { next } = parseLinks(text(headers['link']));
    return { entries, next: next === undefined ? undefined : this.#within(next, url) };
  }

  /** All entries of a list, page by page. */
  async *list(path: string, what: string): AsyncGenerator {
    const joint = path.includes('?') ? '&' : '?';
    let url: URL | undefined = this.url(`${path}${joint}per_page=100`);
    while (url) {
      const page: Page = await this.page(url, what);
      yield* page.entries;
      url = page.next;
    }
  }

  /**
   * The answer to a query.
   * @param hurried whether a failure is told at once, since a smaller query may do
   * @throws {HoldfastError} Refusal; RateLimited; Unavailable where GitHub answers in part, as it does when a query is too
   * heavy
   */
  async query(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    what: string,
    hurried = false,
  ): Promise<Record<string, unknown>> {
    const body = Buffer.from(JSON.stringify({ query, variables }));
    const url = graphqlAddress(this.addresses);
    const { retry: policy, signal, onRetry } = this.#options;
    const once = async (): Promise<Record<string, unknown>> => {
      const answer = await this.#send(url, this.#graphql, body);
      return this.#dataOf(await this.#parsed(answer, what), answer, what);
    };
    // A limit is waited for in any case: a smaller query would meet it likewise.
    const patience = hurried ? { ...policy, attempts: 1 } : policy;
    try {
      return await retry(once, patience, { signal, ...(onRetry ? { onRetry } : {}) });
    } catch (error) {
      if (!hurried || !hasCode(error, 'RateLimited') || !error.transient) throw error;
      return retry(once, policy, { signal, ...(onRetry ? { onRetry } : {}) });
    }
  }

  /** The bytes of a file, such as an asset. @param path below the API's base */
  download(path: string, what: string): AsyncGenerator<Buffer> {
    const { http, addresses, credential } = this.#options;
    const refuse = async ({ status, headers, body }: HttpResponse): Promise<unknown> => {
      const content = await readWhole(body, longestRefusal, `the answer for ${what}`).catch(() => Buffer.alloc(0));
      try {
        await this.#parsed({ status: Math.max(status, 400), headers, body: content }, what);
      } catch (error) {
        return error;
      }
      return new HoldfastError('Unavailable', `${addresses.host} does not give ${what}`);
    };
    return download({ http, origin: addresses.apiOrigin, credential, budget: this.#rest, refuse }, this.url(path));
  }

  close(): void {
    this.#rest.close();
    this.#graphql.close();
  }

  async #ask(url: URL, what: string): Promise<{ data: unknown; headers: ApiAnswer['headers'] }> {
    const { retry: policy, signal, onRetry } = this.#options;
    const once = async (): Promise<{ data: unknown; headers: ApiAnswer['headers'] }> => {
      const answer = await this.#send(url, this.#rest);
      return { data: await this.#parsed(answer, what), headers: answer.headers };
    };
    return retry(once, policy, { signal, ...(onRetry ? { onRetry } : {}) });
  }

  #send(url: URL, budget: RequestBudget, body?: Buffer): Promise<ApiAnswer> {
    const { http, addresses, credential, requestTimeoutMs: timeoutMs } = this.#options;
    const headers = {
      accept: 'application/vnd.github+json',
      'user-agent': userAgent,
      'x-github-api-version': restVersion,
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    return apiGet({ http, origin: addresses.apiOrigin, credential, budget, timeoutMs }, url, headers, body);
  }

  /** The JSON of an answer. @throws {HoldfastError} where it is a refusal or not JSON */
  async #parsed({ status, headers, body }: ApiAnswer, what: string): Promise<unknown> {
    const { addresses, credential, retry: policy } = this.#options;
    // Its bytes, its text and what is parsed of it.
    this.#garbage.passed(3 * body.length);
    let data: unknown;
    try {
      data = JSON.parse(body.toString('utf8'));
    } catch {
      data = undefined;
    }
    if (status >= 300) {
      const hasToken = (await credential.token()) !== undefined;
      const context = { host: addresses.host, what, hasToken, longestWaitMs: policy.longestWaitMs };
      const error = apiError({ status, response: { headers, data: data ?? {} } }, context);
      const why = whyRefused(status, text(headers['x-accepted-github-permissions']));
      const isRefusal = why !== undefined && hasCode(error, 'AccessDenied', 'SourceMissing', 'SourceBlocked');
      if (isRefusal) throw new Refusal(error, why);
      // No page further on is given, however often it is asked for.
      if (status === 422 && error instanceof HoldfastError && /pagination is limited/i.test(error.message))
        throw new Refusal(new HoldfastError('SourceUnsupported', error.message), 'GitHub ends its list before its end');
      throw error;
    }
    if (data === undefined)
      throw new HoldfastError('Truncated', `${addresses.host} does not answer in JSON for ${what}`, {
        transient: true,
        advice: "Check the API's address, and that no proxy answers instead of GitHub.",
      });
    return data;
  }

  /** https://docs.github.com/en/graphql/guides/using-graphql-clients: errors come with the status 200. */
  #dataOf(answer: unknown, { headers }: ApiAnswer, what: string): Record<string, unknown> {
    const { host } = this.addresses;
    const { data, errors = [] } = parse(
      graphqlSchema,
      answer,
      `the answer of ${host} for ${what}`,
      'ProtocolViolation',
    );
    const [first] = errors;
    if (!first) {
      if (data) return data;
      throw new HoldfastError('ProtocolViolation', `${host} answers nothing for ${what}`);
    }
    const said = `${host} answers (${serverMessage(first.message)}) for ${what}`;
    const has = (...types: string[]): boolean => errors.some(({ type }) => type !== undefined && types.includes(type));
    if (has('RATE_LIMITED')) {
      const wait = quietMs(headers) ?? fallbackMs;
      throw new HoldfastError('RateLimited', said, {
        transient: wait <= this.#options.retry.longestWaitMs,
        retryAfterMs: wait,
        advice: 'Run again later, and give a token that nothing else uses.',
      });
    }
    if (has('FORBIDDEN', 'INSUFFICIENT_SCOPES') || /not accessible by/i.test(first.message))
      throw new Refusal(new HoldfastError('AccessDenied', said), whyRefused(403, undefined) ?? '');
    if (has('NOT_FOUND')) throw new Refusal(new HoldfastError('SourceMissing', said), whyRefused(404, undefined) ?? '');
    // What came beside the errors is not whole.
    throw new HoldfastError('Unavailable', said, { transient: true });
  }

  /** The next page lies at the API, whatever origin a proxy before it gives it. */
  #within(link: string, from: URL): URL {
    if (!URL.canParse(link, from.href))
      throw new HoldfastError('ProtocolViolation', `${from.host} links a page by an address that is not valid`);
    const { pathname, search, origin } = new URL(link, from);
    if (origin !== this.addresses.apiOrigin)
      throw new HoldfastError('ProtocolViolation', `${from.host} links a page at ${origin}`);
    return new URL(`${this.addresses.apiOrigin}${pathname}${search}`);
  }
}

/** GitHub Enterprise Server has it beside the REST API: https://docs.github.com/en/enterprise-server/graphql/guides */
function graphqlAddress({ api, apiOrigin }: GitHubAddresses): URL {
  return new URL(api === `${apiOrigin}/api/v3` ? `${apiOrigin}/api/graphql` : `${api}/graphql`);
}
