import * as v from 'valibot';
import { withoutLogin } from '#core/git/http-transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { retryAfterMs, type HttpBody, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import type { LfsEndpoint } from '#core/sources/lfs.ts';
import type { Pointer } from './pointer.ts';

/** As many objects as servers take in one request; GitHub's own client asks for so many. */
export const batchLength = 100;

const longestAnswer = 16 << 20;
const longestRefusal = 64 << 10;
const answerWithinMs = 120_000;
const longestRedirectChain = 5;

/** A wait beyond this is not waited for here, in milliseconds. */
const longestWaitMs = 60_000;

const mediaType = 'application/vnd.git-lfs+json';

const actionSchema = v.object({
  href: v.string(),
  header: v.optional(v.record(v.string(), v.string()), {}),
  /** Seconds from now; it counts before `expires_at`. */
  expires_in: v.nullish(v.number()),
  expires_at: v.nullish(v.string()),
});

/** https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
const answerSchema = v.object({
  transfer: v.nullish(v.string()),
  objects: v.array(
    v.object({
      oid: v.string(),
      actions: v.nullish(
        v.object({
          download: v.optional(actionSchema),
          upload: v.optional(actionSchema),
          verify: v.optional(actionSchema),
        }),
      ),
      error: v.nullish(v.object({ code: v.number(), message: v.optional(v.string(), '') })),
    }),
  ),
});

/** Where one object is fetched from, or put. */
export interface Action {
  href: URL;
  headers: Record<string, string>;
  /** Until when it is good, by `performance.now`; Infinity where the server does not say. */
  endsAt: number;
}

/** What the server says of one object. */
export interface BatchObject {
  oid: string;
  download?: Action | undefined;
  upload?: Action | undefined;
  verify?: Action | undefined;
  /** Why it cannot be had. */
  error?: { code: number; message: string } | undefined;
}

/** What a server says of an object that it does not have, or will not give. */
export class ObjectRefused extends HoldfastError {
  constructor(message: string) {
    super('SourceMissing', message);
  }
}

/** The API of Git LFS, as far as whole objects are read and written (transfer `basic`). */
export class LfsApi {
  readonly #endpoint: LfsEndpoint;
  readonly #base: string;
  readonly #origin: string;

  constructor(endpoint: LfsEndpoint) {
    this.#endpoint = endpoint;
    const { origin, pathname } = endpoint.repository;
    this.#origin = origin;
    // As git-lfs finds it: https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md
    this.#base = `${origin}${pathname.replace(/\/+$/, '').replace(/(?:\.git)?$/, '.git')}/info/lfs`;
  }

  /** For printing. */
  get address(): string {
    return this.#base;
  }

  /** Whether an address is that of this server, as a `.lfsconfig` may write it. */
  isAt(url: URL): boolean {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '') === this.#base;
  }

  /**
   * Asks where objects are.
   * @param objects no more than `batchLength`
   * @throws {HoldfastError} AccessDenied, RateLimited, SourceUnsupported where there is no such server
   */
  async batch(operation: 'download' | 'upload', objects: readonly Pointer[]): Promise<Map<string, BatchObject>> {
    const asked = objects.map(({ oid, size }) => ({ oid, size }));
    const body = Buffer.from(JSON.stringify({ operation, transfers: ['basic'], objects: asked, hash_algo: 'sha256' }));
    const response = await this.#post(new URL(`${this.#base}/objects/batch`), body);
    if (response.status !== 200) throw await this.#refusal(response, 'its batch API');
    const text = (await readWhole(response.body, longestAnswer, `the answer of ${this.#base}`)).toString('utf8');
    const answer = parseJson(answerSchema, text, `the answer of ${this.#base}`, 'ProtocolViolation');
    if (answer.transfer != null && answer.transfer !== 'basic')
      throw new HoldfastError(
        'SourceUnsupported',
        `${this.#base} transfers objects by ${serverMessage(answer.transfer)}`,
      );
    return new Map(
      answer.objects.map(({ oid, actions, error }): [string, BatchObject] => [
        oid,
        {
          oid,
          download: actions?.download && this.#action(actions.download),
          upload: actions?.upload && this.#action(actions.upload),
          verify: actions?.verify && this.#action(actions.verify),
          ...(error ? { error: { code: error.code, message: serverMessage(error.message) } } : {}),
        },
      ]),
    );
  }

  /**
   * The bytes of an object, as they come.
   * @throws {ObjectRefused} where it is not there
   * @throws {HoldfastError} RateLimited, Unavailable
   */
  async download(action: Action): Promise<AsyncIterable<Buffer>> {
    let url = action.href;
    for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
      const headers = await this.#headersFor(action, url);
      const response = await this.#endpoint.http.send({ method: 'GET', url, headers });
      if (response.status === 200) return response.body;
      const { location } = response.headers;
      if (response.status < 300 || response.status >= 400 || location === undefined)
        throw await this.#refusal(response, url.host);
      response.close();
      url = this.#redirected(url, location);
    }
    throw new HoldfastError('Unavailable', `${action.href.host} redirects more than ${longestRedirectChain} times`);
  }

  /** Stores an object, and has it looked at where the server wants that. */
  async upload(object: Pointer, { upload, verify }: BatchObject, chunks: AsyncIterable<Buffer>): Promise<void> {
    if (upload) await this.#put(upload, { length: object.size, chunks });
    if (!verify) return;
    const body = Buffer.from(JSON.stringify({ oid: object.oid, size: object.size }));
    const headers = { ...(await this.#headersFor(verify, verify.href)), ...jsonHeaders };
    await this.#sent('POST', verify.href, headers, { length: body.length, chunks: [body] });
  }

  async #put(action: Action, body: HttpBody): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream', ...(await this.#headersFor(action, action.href)) };
    await this.#sent('PUT', action.href, headers, body);
  }

  async #sent(method: 'PUT' | 'POST', url: URL, headers: Record<string, string>, body: HttpBody): Promise<void> {
    const response = await this.#endpoint.http.send({ method, url, headers, body });
    if (response.status < 200 || response.status > 299) throw await this.#refusal(response, url.host);
    await readWhole(response.body, longestRefusal, url.host);
  }

  /** Those of the action; a login of ours only where the server says none, and only to the host for which we have one. */
  async #headersFor(action: Action, url: URL): Promise<Record<string, string>> {
    const own = url.origin === action.href.origin;
    const given = own ? action.headers : withoutAuthorization(action.headers);
    if (url.origin !== this.#origin || names(given).includes('authorization')) return given;
    const authorization = await this.#endpoint.authorize(url);
    return authorization === undefined || authorization === withoutLogin ? given : { ...given, authorization };
  }

  /** Sent once more with a newer credential where the first is refused, and wherever it is redirected. */
  async #post(address: URL, body: Buffer): Promise<HttpResponse> {
    const { http, authorize } = this.#endpoint;
    let url = address;
    for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
      const send = (authorization: string | undefined): Promise<HttpResponse> => {
        keepSecret(authorization?.split(' ')[1] ?? '');
        return http.send({
          method: 'POST',
          url,
          headers: authorization ? { ...jsonHeaders, authorization } : jsonHeaders,
          body: { length: body.length, chunks: [body] },
          withinMs: answerWithinMs,
        });
      };
      const authorization = await authorize(url);
      let response = await send(authorization);
      if (response.status === 401) {
        const renewed = await authorize(url, authorization ?? withoutLogin);
        if (renewed !== undefined && renewed !== (authorization ?? withoutLogin)) {
          response.close();
          response = await send(renewed);
        }
      }
      const { location } = response.headers;
      if (response.status < 300 || response.status >= 400 || location === undefined) return response;
      response.close();
      url = this.#redirected(url, location);
    }
    throw new HoldfastError('Unavailable', `${this.#base} redirects more than ${longestRedirectChain} times`);
  }

  #redirected(from: URL, location: string): URL {
    const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (to && (to.protocol === 'https:' || to.protocol === from.protocol)) return to;
    throw new HoldfastError('Unavailable', `${from.host} redirects to what cannot be followed`);
  }

  #action({ href, header, expires_in: seconds, expires_at: time }: v.InferOutput<typeof actionSchema>): Action {
    const url = URL.canParse(href, this.#base) ? new URL(href, this.#base) : undefined;
    // No server of an encrypted connection may send us over an open one.
    if (!url || !/^https?:$/.test(url.protocol) || (url.protocol === 'http:' && this.#origin.startsWith('https:')))
      throw new HoldfastError('ProtocolViolation', `${this.#base} names an address for an object that cannot be asked`);
    for (const value of Object.values(header)) keepSecret(value.split(' ').at(-1) ?? '');
    const left = seconds != null ? seconds * 1000 : time != null ? Date.parse(time) - Date.now() : Infinity;
    const headers = Object.fromEntries(Object.entries(header).filter(([name]) => !ours.includes(name.toLowerCase())));
    // Go's servers say the year 1 where there is no end.
    const endsAt = left > 0 && !Number.isNaN(left) ? performance.now() + left : Infinity;
    return { href: url, headers, endsAt };
  }

  /** @param what was asked, for the message; never with a query, which may hold a signature */
  async #refusal(response: HttpResponse, what: string): Promise<HoldfastError> {
    const { status, headers } = response;
    const said = await this.#said(response);
    const answers = `Git LFS: ${what === 'its batch API' ? this.#base : what} answers ${status}${said === '' ? '' : ` (${said})`}`;
    const wait = retryAfterMs(headers);
    switch (status) {
      case 401:
      case 403:
        return what === 'its batch API'
          ? new HoldfastError('AccessDenied', answers, {
              advice:
                'The credential needs read access to the contents of the repository; LFS may also be switched off for it.',
            })
          : // What it gave may have expired.
            new HoldfastError('Unavailable', answers, { transient: true });
      case 404:
      case 405:
      case 406:
      case 501:
        if (what !== 'its batch API') return new ObjectRefused(answers);
        return new HoldfastError('SourceUnsupported', `${answers}: no Git LFS there, or hidden from this credential`);
      case 410:
      case 422:
        return what === 'its batch API' ? new HoldfastError('Unavailable', answers) : new ObjectRefused(answers);
      case 429:
        return new HoldfastError('RateLimited', answers, {
          transient: (wait ?? 0) <= longestWaitMs,
          retryAfterMs: wait,
        });
      case 509:
        return new HoldfastError('RateLimited', `${answers}: its quota is used up`);
      default:
        return new HoldfastError('Unavailable', answers, { transient: status >= 500, retryAfterMs: wait });
    }
  }

  async #said(response: HttpResponse): Promise<string> {
    try {
      const text = (await readWhole(response.body, longestRefusal, 'the refusal')).toString('utf8');
      return parseJson(v.object({ message: v.optional(v.string(), '') }), text, 'the refusal').message === ''
        ? ''
        : serverMessage(parseJson(v.object({ message: v.string() }), text, 'the refusal').message);
    } catch {
      return '';
    }
  }
}

const jsonHeaders = { accept: mediaType, 'content-type': mediaType };

/** What only the client of a connection can say. */
const ours = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'proxy-authorization'];

function names(headers: Record<string, string>): string[] {
  return Object.keys(headers).map((name) => name.toLowerCase());
}

function withoutAuthorization(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['authorization', 'cookie'].includes(name.toLowerCase())),
  );
}
