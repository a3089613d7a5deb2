import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { type HttpBody, type HttpClient, type HttpRequest, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { parse } from '#core/runtime/schema.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { userAgent } from '#core/runtime/version.ts';
import type { Credential } from '../hosting/credential.ts';
import { parseLinks } from '../hosting/link-header.ts';
import { text } from '../hosting/rate-limit.ts';
import { RequestBudget } from '../hosting/request-budget.ts';
import type { GitHubAddresses } from './addresses.ts';
import { apiError } from './api-error.ts';
import { restVersion } from './records/api-versions.ts';

/** How many things that others may see one credential may make. */
export interface CreationLimits {
  perMinute: number;
  perHour: number;
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
export const creationLimits: CreationLimits = { perMinute: 80, perHour: 500 };

/** Of the 900 points a minute that the same page allows a write counts five, and all else one; some are left over. */
const writesPerMinute = 120;
const readsPerMinute = 250;

/** A page of a hundred issues with long texts. */
const longestAnswer = 16 << 20;

const detail = v.fallback(
  v.union([
    v.string(),
    v.object({
      message: v.optional(v.string(), ''),
      code: v.optional(v.string(), ''),
      field: v.optional(v.string(), ''),
    }),
  ]),
  '',
);

/** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed */
const failureSchema = v.fallback(
  v.object({
    message: v.optional(v.string(), ''),
    errors: v.optional(v.fallback(v.array(detail), []), []),
  }),
  { message: '', errors: [] },
);

export interface GitHubWriterOptions {
  http: HttpClient;
  addresses: GitHubAddresses;
  credential: Credential;
  retry: RetryPolicy;
  /** Default: GitHub's own. */
  creation?: CreationLimits | undefined;
  signal?: AbortSignal | undefined;
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

export interface WriterAnswer<Data> {
  status: number;
  data: Data;
  headers: HttpResponse['headers'];
}

interface Answer {
  status: number;
  headers: HttpResponse['headers'];
  text: string;
}

interface Sent {
  method: HttpRequest['method'];
  url: URL;
  /** JSON, or bytes that can be read again and again. */
  content?: object | { length: number; type: string; read: () => AsyncIterable<Buffer> } | undefined;
}

/**
 * Changes things at GitHub, within its limits for what is made. What is made twice when it is asked for twice is never
 * asked for again before it was looked for.
 */
export class GitHubWriter {
  readonly addresses: GitHubAddresses;
  readonly #options: GitHubWriterOptions;
  readonly #creations: RequestBudget;
  readonly #writes: RequestBudget;
  readonly #reads: RequestBudget;

  constructor(options: GitHubWriterOptions) {
    this.#options = options;
    this.addresses = options.addresses;
    const { signal, retry: policy, creation = creationLimits } = options;
    const budget = { longestWaitMs: policy.longestWaitMs, signal };
    const { perMinute, perHour } = creation;
    this.#creations = new RequestBudget({ requestsPerMinute: perMinute, requestsPerHour: perHour, ...budget });
    this.#writes = new RequestBudget({ requestsPerMinute: Math.max(writesPerMinute, perMinute), ...budget });
    this.#reads = new RequestBudget({ requestsPerMinute: Math.max(readsPerMinute, perMinute), ...budget });
  }

  /** @param path below the API's base */
  read<const Schema extends v.GenericSchema>(
    path: string,
    what: string,
    schema: Schema,
  ): Promise<WriterAnswer<v.InferOutput<Schema>>> {
    return this.#patiently(() => this.#ask({ method: 'GET', url: this.#url(path) }, what, schema));
  }

  /** All entries of a list, page by page. @param path below the API's base, with its query */
  async *list<const Schema extends v.GenericSchema>(
    path: string,
    what: string,
    entry: Schema,
  ): AsyncGenerator<v.InferOutput<Schema>> {
    const schema = v.array(entry);
    for (let page = 1; ; page++) {
      const joint = path.includes('?') ? '&' : '?';
      const { data, headers } = await this.read(`${path}${joint}per_page=100&page=${page}`, what, schema);
      yield* data;
      if (parseLinks(text(headers['link'])).next === undefined) return;
    }
  }

  /** A change that comes to the same when it is made again. */
  change<const Schema extends v.GenericSchema>(
    method: 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    what: string,
    schema: Schema,
    content?: object,
  ): Promise<WriterAnswer<v.InferOutput<Schema>>> {
    return this.#patiently(() => this.#ask({ method, url: this.#url(path), content }, what, schema));
  }

  /**
   * Makes something once. Where it is not known whether GitHub has made it, as when the answer is lost, it is looked for
   * before it is asked for again.
   * @param find what GitHub has of it; undefined where it was not made
   */
  create<const Schema extends v.GenericSchema>(
    path: string,
    what: string,
    schema: Schema,
    content: object,
    find: () => Promise<v.InferOutput<Schema> | undefined>,
  ): Promise<v.InferOutput<Schema>> {
    return this.#once(() => this.#ask({ method: 'POST', url: this.#url(path), content }, what, schema), find);
  }

  /** Sends a file, once. @param path below the base of uploads @param find as of `create` */
  upload<const Schema extends v.GenericSchema>(
    path: string,
    what: string,
    schema: Schema,
    content: { length: number; type: string; read: () => AsyncIterable<Buffer> },
    find: () => Promise<v.InferOutput<Schema> | undefined>,
  ): Promise<v.InferOutput<Schema>> {
    const url = new URL(`${uploadsBase(this.addresses)}${path}`);
    return this.#once(() => this.#ask({ method: 'POST', url, content }, what, schema), find);
  }

  close(): void {
    this.#creations.close();
    this.#writes.close();
    this.#reads.close();
  }

  #url(path: string): URL {
    return new URL(`${this.addresses.api}${path}`);
  }

  /** Asks for something that is not to be made twice. */
  #once<Data>(ask: () => Promise<WriterAnswer<Data>>, find: () => Promise<Data | undefined>): Promise<Data> {
    let doubtful = false;
    return this.#patiently(async () => {
      const found = doubtful ? await find() : undefined;
      if (found !== undefined) return found;
      try {
        return (await ask()).data;
      } catch (error) {
        doubtful = isDoubtful(error);
        throw error;
      }
    });
  }

  #patiently<T>(once: () => Promise<T>): Promise<T> {
    const { retry: policy, signal, onRetry } = this.#options;
    return retry(once, policy, { signal, ...(onRetry ? { onRetry } : {}) });
  }

  async #ask<const Schema extends v.GenericSchema>(
    sent: Sent,
    what: string,
    schema: Schema,
  ): Promise<WriterAnswer<v.InferOutput<Schema>>> {
    const { addresses, retry: policy } = this.#options;
    const { status, headers, text: body } = await this.#send(sent);
    const json = jsonOf(body);
    if (status < 400) {
      const data = parse(schema, json, `the answer of ${addresses.host} for ${what}`, 'ProtocolViolation');
      return { status, data, headers };
    }
    const { message, errors } = v.parse(failureSchema, json);
    const reasons = errors.map((one) =>
      typeof one === 'string' ? one : one.message === '' ? `${one.field} ${one.code}`.trim() : one.message,
    );
    const said = [message, ...reasons].filter((words) => words !== '').join(': ');
    if (status === 422 && /already[ _]exists|already in use/i.test(said))
      throw new HoldfastError('AlreadyExists', `${addresses.host} refuses ${what}: the name is taken`);
    if (status === 422 || status === 400)
      throw new HoldfastError('RemoteRefused', `${addresses.host} refuses ${what}: ${serverMessage(said)}`);
    throw apiError(
      { status, response: { headers, data: { message: said } } },
      { host: addresses.host, what, hasToken: true, longestWaitMs: policy.longestWaitMs },
    );
  }

  /** Sends a request with the token; where that is refused, once more with a newer one. */
  async #send(sent: Sent): Promise<Answer> {
    const { credential } = this.#options;
    const token = await credential.token();
    const answer = await this.#sendWith(token, sent);
    if (answer.status !== 401 || token === undefined) return answer;
    const renewed = await credential.renewed(token);
    return renewed === undefined ? answer : this.#sendWith(renewed, sent);
  }

  #sendWith(token: string | undefined, { method, url, content }: Sent): Promise<Answer> {
    const { http, addresses } = this.#options;
    const budget = method === 'POST' ? this.#creations : method === 'GET' ? this.#reads : this.#writes;
    return budget.run(async () => {
      const body = content === undefined ? undefined : bodyOf(content, method === 'POST');
      const response = await http.send({
        method,
        url,
        headers: {
          accept: 'application/vnd.github+json',
          'user-agent': userAgent,
          'x-github-api-version': restVersion,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': body.type }),
        },
        ...(body === undefined ? {} : { body: body.body }),
      });
      this.#creations.heed(response.headers);
      this.#writes.heed(response.headers);
      this.#reads.heed(response.headers);
      const bytes = await readWhole(response.body, longestAnswer, `the answer of ${addresses.host}`);
      return { status: response.status, headers: response.headers, text: bytes.toString('utf8') };
    });
  }
}

/** Whether GitHub may have done what was asked, though it did not say so. */
function isDoubtful(error: unknown): boolean {
  return hasCode(error, 'Unavailable', 'Truncated', 'Stalled');
}

function bodyOf(content: NonNullable<Sent['content']>, once: boolean): { type: string; body: HttpBody } {
  if ('read' in content && typeof content.read === 'function')
    return { type: content.type, body: { length: content.length, chunks: content.read() } };
  const bytes = Buffer.from(JSON.stringify(content));
  return { type: 'application/json', body: { length: bytes.length, chunks: once ? bytesOnce(bytes) : [bytes] } };
}

/** Not an array, which would let the client send it again by itself over another connection. */
async function* bytesOnce(bytes: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield bytes;
}

/**
 * Where files are sent to. It follows from the API's address and not from what an answer says, so that the token goes
 * nowhere else. https://docs.github.com/en/rest/releases/assets#upload-a-release-asset
 */
function uploadsBase({ apiOrigin }: GitHubAddresses): string {
  const { hostname } = new URL(apiOrigin);
  if (hostname === 'api.github.com' || /^api\.[^.]+\.ghe\.com$/.test(hostname))
    return apiOrigin.replace('//api.', '//uploads.');
  return `${apiOrigin}/api/uploads`;
}

/** Undefined for what is not JSON, as the answers of proxies and those without content. */
function jsonOf(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return undefined;
  }
}
