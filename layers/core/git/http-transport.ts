import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress, createGunzip, createInflate, gzip } from 'node:zlib';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { retryAfterMs, type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import type { RequestBody, Service, Transport } from './transport.ts';

/**
 * Gives the Authorization header for a URL, or nothing where there is no credential for that host. Asked again for
 * every host, so that a redirect never carries one host's credential to another.
 * @param refused the header that the server has just refused: fetch a newer credential, do `withoutLogin`, or give up
 */
export type Authorize = (url: URL, refused?: string) => Promise<string | undefined>;

/** To ask without any credential, since what is public needs none: not even where an old one would be refused. */
export const withoutLogin = '';

const longestRedirectChain = 5;

/** For a list of refs, and for what is said beside a refusal. */
const listWithinMs = 120_000;
const refusalWithinMs = 10_000;

/** git compresses what is longer than this: many servers and proxies take at most 1 MB. */
const compressedFrom = 1024;

/** Git's smart HTTP protocol (gitprotocol-http). */
export class HttpTransport implements Transport {
  readonly address: string;
  readonly #http: HttpClient;
  readonly #authorize: Authorize;
  /** The repository's URL; replaced where the server redirects the advertisement, as git itself does. */
  #base: URL;
  /** Origin → the header that it refused, and did well without. */
  readonly #refused = new Map<string, string>();

  constructor(url: URL, http: HttpClient, authorize: Authorize = () => Promise.resolve(undefined)) {
    if (url.username !== '' || url.password !== '')
      throw new HoldfastError('Usage', `the URL of ${url.host}${url.pathname} holds a user name or password`, {
        advice: `Put it into ~/.netrc as: machine ${url.hostname} login <user> password <password>`,
      });
    this.#base = new URL(url);
    this.#base.pathname = this.#base.pathname.replace(/\/+$/, '');
    this.address = this.#base.href;
    this.#http = http;
    this.#authorize = authorize;
  }

  async advertisement(service: Service, version: 0 | 2): Promise<AsyncIterable<Buffer>> {
    let url = new URL(`${this.#base.href}/info/refs?service=${service}`);
    for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
      const response = await this.#request('GET', url, {
        ...versionHeader(version),
        'accept-encoding': 'gzip, deflate',
      });
      const location = response.headers.location;
      if (response.status >= 300 && response.status < 400 && location !== undefined) {
        await discard(response);
        url = redirected(url, location);
        continue;
      }
      await this.#throwUnlessOk(response, service);
      if (mediaType(response) !== `application/x-${service}-advertisement`) {
        await discard(response);
        throw new HoldfastError('SourceUnsupported', `${this.address} does not answer as a smart Git server does`, {
          advice:
            'Check that the address is that of a repository; servers of plain files ("dumb HTTP") are not supported.',
        });
      }
      this.#base = repositoryOf(url, this.#base);
      return decoded(response, this.address);
    }
    throw new HoldfastError('Unavailable', `${this.address} redirects more than ${longestRedirectChain} times`);
  }

  async exchange(service: Service, version: 0 | 2, body: RequestBody): Promise<AsyncIterable<Buffer>> {
    const headers = {
      ...versionHeader(version),
      'content-type': `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    };
    const { compressed, encoding } = await compress(body);
    const url = new URL(`${this.#base.href}/${service}`);
    const response = await this.#request('POST', url, { ...headers, ...encoding }, compressed);
    await this.#throwUnlessOk(response, service);
    return decoded(response, this.address);
  }

  close(): void {
    // Connections belong to the HTTP client, which others use too.
  }

  async #request(
    method: 'GET' | 'POST',
    url: URL,
    headers: Record<string, string>,
    body?: RequestBody,
  ): Promise<HttpResponse> {
    const send = (authorization: string | undefined): Promise<HttpResponse> => {
      // Servers have been seen to repeat what they were sent. The user name stands in it too, in base64.
      keepSecret(authorization?.split(' ')[1] ?? '');
      return this.#http.send({
        method,
        url,
        headers: authorization ? { ...headers, authorization } : headers,
        ...(body ? { body } : { withinMs: listWithinMs }),
      });
    };
    const authorization = await this.#authorize(url, this.#refused.get(url.origin));
    const response = await send(authorization);
    // A body that streams can only be sent once; its advertisement has already proven the credential.
    if (response.status !== 401 || (body && !Array.isArray(body.chunks))) return response;
    const renewed = await this.#authorize(url, authorization ?? withoutLogin);
    if (renewed === undefined || renewed === (authorization ?? withoutLogin)) return response;
    const second = await send(renewed);
    // Where both are refused, the answer that counts is the one to a credential.
    if (second.status === 401 && renewed === withoutLogin) {
      await discard(second);
      return response;
    }
    await discard(response);
    if (renewed === withoutLogin && authorization !== undefined) this.#refused.set(url.origin, authorization);
    return second;
  }

  async #throwUnlessOk(response: HttpResponse, service: Service): Promise<void> {
    if (response.status === 200) return;
    const said = await whatWasSaid(response);
    const where = `${this.address} answers ${response.status}${said}`;
    switch (response.status) {
      case 401:
        throw new HoldfastError('AccessDenied', `${where}: no valid credentials`, { advice: loginAdvice(response) });
      case 403:
        if (retryAfterMs(response.headers) !== undefined) throw rateLimited(where, response);
        throw new HoldfastError('AccessDenied', where, {
          advice:
            service === 'git-receive-pack'
              ? 'The credentials may read but not write here.'
              : 'The repository may be disabled, or the credentials too weak for it.',
        });
      case 404:
      case 410:
        throw new HoldfastError('SourceMissing', `${where}: no such repository, or hidden from these credentials`);
      case 451:
        throw new HoldfastError('SourceBlocked', `${where}: blocked for legal reasons`);
      case 429:
        throw rateLimited(where, response);
      default:
        throw new HoldfastError('Unavailable', where, {
          transient: response.status >= 500,
          retryAfterMs: retryAfterMs(response.headers),
        });
    }
  }
}

function versionHeader(version: 0 | 2): Record<string, string> {
  return version === 2 ? { 'git-protocol': 'version=2' } : {};
}

function rateLimited(where: string, response: HttpResponse): HoldfastError {
  return new HoldfastError('RateLimited', where, { transient: true, retryAfterMs: retryAfterMs(response.headers) });
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new HoldfastError('Unavailable', `${from.origin} redirects to an address that is not valid`);
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== from.protocol)
    throw new HoldfastError(
      'Unavailable',
      `${from.origin} redirects to ${to.protocol}//, which is less safe, so it is not followed`,
    );
  if (!to.pathname.endsWith('/info/refs'))
    throw new HoldfastError(
      'SourceMissing',
      `${from.origin}${from.pathname} redirects to ${serverMessage(`${to.origin}${to.pathname}`)}, which is not a Git repository`,
    );
  to.username = '';
  to.password = '';
  return to;
}

/** The repository to which an answered `…/info/refs` URL belongs. */
function repositoryOf(url: URL, asked: URL): URL {
  const base = new URL(url);
  base.pathname = base.pathname.slice(0, -'/info/refs'.length);
  base.search = '';
  return base.href === asked.href ? asked : base;
}

/** Reads the rest of an answer that does not matter, so that its connection serves again: little, and not for long. */
async function discard(response: HttpResponse): Promise<void> {
  await soon(response, 1 << 20);
}

/** The body, where it comes whole within a few seconds. @param limit in bytes */
async function soon({ body, close }: HttpResponse, limit: number): Promise<Buffer | undefined> {
  const timer = setTimeout(close, refusalWithinMs).unref();
  try {
    return await readWhole(body, limit, 'the answer');
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Without parameters, as RFC 9110 compares them (section 8.3.1). */
function mediaType({ headers }: HttpResponse): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Only what lies ready is compressed: a pack is compressed already, and its length must be said beforehand. */
async function compress(body: RequestBody): Promise<{ compressed: RequestBody; encoding: Record<string, string> }> {
  if (!Array.isArray(body.chunks) || (body.length ?? 0) <= compressedFrom) return { compressed: body, encoding: {} };
  const bytes = await promisify(gzip)(Buffer.concat(body.chunks));
  return { compressed: { length: bytes.length, chunks: [bytes] }, encoding: { 'content-encoding': 'gzip' } };
}

/** The answer as it was before the server, or a proxy, compressed it. */
function decoded({ headers, body }: HttpResponse, address: string): AsyncIterable<Buffer> {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (encoding) {
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return decompressed(body, createGunzip(), address);
    case 'deflate':
      return decompressed(body, createInflate(), address);
    case 'br':
      return decompressed(body, createBrotliDecompress(), address);
    default:
      throw new HoldfastError(
        'SourceUnsupported',
        `${address} compresses its answer with ${serverMessage(encoding)}, which is not supported`,
      );
  }
}

async function* decompressed(body: AsyncIterable<Buffer>, by: Transform, address: string): AsyncGenerator<Buffer> {
  const fed = pipeline(body, by);
  fed.catch(() => undefined);
  try {
    for await (const chunk of by as AsyncIterable<Buffer>) yield chunk;
    await fed;
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    throw new HoldfastError('Truncated', `the compressed answer of ${address} is damaged: ${messageOf(error)}`, {
      transient: true,
      cause: error,
    });
  } finally {
    by.destroy();
  }
}

/** Which login the server demands (RFC 9110, section 11.6.1), if it is one that is not supported. */
function loginAdvice({ headers }: HttpResponse): string {
  const asked = headers['www-authenticate'] ?? '';
  const schemes = [...asked.matchAll(/(?:^|, *)(basic|bearer|negotiate|ntlm|digest|kerberos)\b/gi)].map(
    ([, scheme = '']) => scheme.toLowerCase(),
  );
  if (schemes.length > 0 && !schemes.includes('basic') && !schemes.includes('bearer'))
    return `The server demands a login by ${schemes.join(' or ')}, which is not supported: let it accept a token or password by Basic authentication.`;
  return 'Give a token or a netrc entry for this host that may read the repository.';
}

/** A refusal in plain text: GitHub explains there why a repository is closed. */
async function whatWasSaid(response: HttpResponse): Promise<string> {
  const body = await soon(response, 64 << 10);
  if (mediaType(response) !== 'text/plain') return '';
  const words = serverMessage(body?.toString('utf8') ?? '');
  return words === '' ? '' : ` (${words})`;
}
