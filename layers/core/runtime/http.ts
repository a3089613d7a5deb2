import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HoldfastError, interrupted, messageOf, systemCode } from './errors.ts';
import { isProxysOwn, openAgent, proxyFor, refusedByProxy } from './proxy.ts';
import { mask } from './redact.ts';
import { failOnStall, stalled } from './stall.ts';
import { authorityByGit } from './trusted-authorities.ts';
import { userAgent } from './version.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: Record<string, string>;
  body?: HttpBody;
  /** The longest that the answer may take in all, in milliseconds: `failOnStall`. */
  withinMs?: number;
}

export interface HttpBody {
  /**
   * Bytes in all, announced as Content-Length, since some Git servers hang up on chunked requests. Undefined where they
   * are not known yet: then it goes in chunks.
   */
  length: number | undefined;
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface HttpResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Read to its end or left early: either frees the connection. */
  body: AsyncIterable<Buffer>;
  /** Breaks it off. */
  close: () => void;
}

export interface HttpOptions {
  /** The longest silence of the server that is tolerated, in milliseconds. */
  stallMs?: number;
  /** The longest wait for the answer to begin once the request is sent, in milliseconds. */
  answerMs?: number;
  signal?: AbortSignal | undefined;
}

export const defaultStallMs = 60_000;

/**
 * HTTP as a streaming client needs it: back-pressure both ways, connections kept alive, and the proxy that
 * `http_proxy`, `https_proxy` and `no_proxy` name. Follows no redirects: the caller decides what may be sent along.
 */
export class HttpClient {
  readonly #agents = new Map<string, Promise<http.Agent>>();
  /** Origin whose certificate was not accepted → the file of authorities that git's configuration names for it. */
  readonly #bundles = new Map<string, Promise<string | undefined>>();
  readonly #stallMs: number;
  readonly #answerMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor(options: HttpOptions = {}) {
    this.#stallMs = options.stallMs ?? defaultStallMs;
    this.#answerMs = options.answerMs ?? this.#stallMs;
    this.#signal = options.signal;
  }

  /** @throws {HoldfastError} Unavailable, Stalled or Interrupted; an answer of any status is not an error here. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const what = `${request.url.protocol}//${request.url.host}`;
    const proxy = proxyFor(request.url);
    const bundle = await this.#bundles.get(request.url.origin);
    // The server may close a kept connection just as it is used again, and some requests can be sent only once.
    const keepAlive = canBeSentAgain(request);
    const outgoing = this.#open(request, await this.#agent(request.url, proxy, { bundle, keepAlive }));
    const upload: Upload = { ended: false, answered: false, lastActive: performance.now(), failure: undefined };
    const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
      outgoing.once('response', (response: http.IncomingMessage) => {
        upload.answered = true;
        resolve(response);
      });
      // Without a tunnel the proxy is all that is connected to.
      const reached =
        proxy && request.url.protocol === 'http:' ? `${what} by the proxy ${proxy.protocol}//${proxy.host}` : what;
      outgoing.on('error', (error) => reject(this.#failure(error, reached)));
    });
    const stopWatching = this.#watch(outgoing, upload, what);
    void this.#sendBody(request, outgoing, upload).then(() => {
      upload.ended = true;
      upload.lastActive = performance.now();
      if (upload.answered) stopWatching();
    });
    try {
      const response = await answer;
      if (proxy && isProxysOwn(response, request.url)) {
        response.resume();
        throw refusedByProxy(proxy, response.statusCode ?? 0, request.url);
      }
      if (upload.ended) stopWatching();
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: this.#read(response, upload, what, request),
        close: () => response.destroy(),
      };
    } catch (error) {
      stopWatching();
      if (!upload.failure && keepAlive) {
        if (wasStale(outgoing, error)) return this.send(request);
        if (bundle === undefined && isOfUnknownAuthority(error) && (await this.#askGit(request.url)))
          return this.send(request);
      }
      // What broke the request off is the real reason, not the broken request that it left.
      throw upload.failure ?? error;
    }
  }

  /** Closes idle connections; without it a process waits for their keep-alive to run out. */
  close(): void {
    for (const agent of this.#agents.values()) void agent.then((opened) => opened.destroy()).catch(() => undefined);
    this.#agents.clear();
  }

  #open(request: HttpRequest, agent: http.Agent): http.ClientRequest {
    const secure = request.url.protocol === 'https:';
    const headers: Record<string, string> = { 'user-agent': userAgent, ...request.headers };
    if (request.body?.length !== undefined) headers['content-length'] = String(request.body.length);
    return (secure ? https : http).request(request.url, {
      method: request.method,
      headers,
      agent,
      ...(this.#signal ? { signal: this.#signal } : {}),
    });
  }

  /** Fails a request for which the server does nothing: neither takes its body nor begins to answer. */
  #watch(outgoing: http.ClientRequest, upload: Upload, what: string): () => void {
    const look = (): void => {
      // While the server takes what there is, it is the source of the body that is slow.
      if (!upload.ended && !outgoing.writableNeedDrain) upload.lastActive = performance.now();
      if (performance.now() - upload.lastActive < this.#answerMs) return;
      upload.failure = stalled(what, this.#answerMs);
      outgoing.destroy(upload.failure);
    };
    const timer = setInterval(look, Math.max(10, this.#answerMs / 4));
    timer.unref();
    outgoing.on('drain', () => (upload.lastActive = performance.now()));
    return () => clearInterval(timer);
  }

  /** Never rejects: a server may hang up before it has read everything, and then its answer says more than an error. */
  async #sendBody(request: HttpRequest, outgoing: http.ClientRequest, upload: Upload): Promise<void> {
    if (!request.body) {
      outgoing.end();
      return;
    }
    const source = rememberingFailure(request.body.chunks, upload);
    await pipeline(Readable.from(source, { objectMode: false, highWaterMark: 1 << 20 }), outgoing).catch(
      (error: unknown) => {
        if (upload.failure || !upload.answered) outgoing.destroy(error instanceof Error ? error : undefined);
      },
    );
  }

  async *#read(
    response: http.IncomingMessage,
    upload: Upload,
    what: string,
    { withinMs }: HttpRequest,
  ): AsyncGenerator<Buffer> {
    try {
      // A server may begin its answer long before it has the whole request, and end it long after.
      const lastActive = (): number => (upload.ended ? upload.lastActive : performance.now());
      yield* failOnStall(response, this.#stallMs, what, lastActive, withinMs);
    } catch (error) {
      throw upload.failure ?? this.#failure(error, what);
    }
  }

  #failure(error: unknown, what: string): HoldfastError {
    if (this.#signal?.aborted) return interrupted(this.#signal);
    if (error instanceof HoldfastError) return error;
    const code = systemCode(error);
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || messageOf(error) === 'aborted')
      return new HoldfastError('Truncated', `${what} closed the connection before its answer was complete`, {
        transient: true,
        cause: error,
      });
    const certificate = troubleWithCertificate(code, messageOf(error));
    return new HoldfastError(
      'Unavailable',
      `cannot reach ${what}: ${mask(messageOf(error)) || (code ?? 'no reason given')}`,
      {
        // A name that is not there now will not be there in a few seconds; a resolver that fails says EAI_AGAIN.
        transient: certificate === undefined && code !== 'ENOTFOUND',
        cause: error,
        advice: certificate ?? 'Check the address, the network and the proxy variables.',
      },
    );
  }

  /** Whether git's configuration names authorities for a server whose own is not known. */
  async #askGit({ origin }: URL): Promise<boolean> {
    const bundle = this.#bundles.get(origin) ?? authorityByGit(new URL(origin), this.#signal);
    this.#bundles.set(origin, bundle);
    return (await bundle) !== undefined;
  }

  #agent(
    url: URL,
    proxy: URL | undefined,
    options: { bundle: string | undefined; keepAlive: boolean },
  ): Promise<http.Agent> {
    const key = JSON.stringify([url.protocol, proxy?.href, options]);
    const agent = this.#agents.get(key) ?? openAgent(url, proxy, options);
    this.#agents.set(key, agent);
    return agent;
  }
}

/** The body of a request on its way. */
interface Upload {
  ended: boolean;
  /** Whether the answer has begun. */
  answered: boolean;
  /** When the server last took a part of the body. */
  lastActive: number;
  /** Why the request was broken off from our side. */
  failure: HoldfastError | undefined;
}

/**
 * Whether the server had closed a kept connection just when we used it again: https://nodejs.org/api/http.html,
 * "request.reusedSocket". The next attempt takes another connection, and in the end a new one.
 */
function wasStale(outgoing: http.ClientRequest, error: unknown): boolean {
  const code = systemCode(error instanceof HoldfastError ? error.cause : error) ?? '';
  return outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(code);
}

function canBeSentAgain({ body }: HttpRequest): boolean {
  return body === undefined || Array.isArray(body.chunks);
}

async function* rememberingFailure(chunks: HttpBody['chunks'], upload: Upload): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof HoldfastError) upload.failure ??= error;
    throw error;
  }
}

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const unknownAuthority = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|INVALID_CA/;

function isOfUnknownAuthority(error: unknown): boolean {
  return unknownAuthority.test(systemCode(error instanceof HoldfastError ? error.cause : error) ?? '');
}

/** What to do about a certificate that is not accepted; nothing where the trouble is another. */
function troubleWithCertificate(code = '', message = ''): string | undefined {
  if (unknownAuthority.test(code))
    return "Trust the certificate authority by NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or git's http.sslCAInfo: <its PEM file>.";
  // What a server answers that has asked for a certificate of ours (git's http.sslCert): RFC 8446, section 6.2.
  if (/SSL alert number (40|116)\b|alert (handshake failure|certificate required)/.test(message))
    return 'If the server demands a certificate of its clients, clone by git and back up the clone: only git can present one.';
  if (/^(ERR_TLS_)?CERT_|HOSTNAME_MISMATCH/.test(code)) return 'Check the address and the certificate of the server.';
  return undefined;
}

/** The wait that a Retry-After header asks for, in milliseconds (RFC 9110, section 10.2.3: seconds or a date). */
export function retryAfterMs(headers: http.IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
