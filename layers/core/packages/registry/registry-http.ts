import { HoldfastError } from '#core/runtime/errors.ts';
import { retryAfterMs, type HttpBody, type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import type { RegistryToken } from './registry-token.ts';

export interface RegistryRequest {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the endpoint, or at least at the same origin: the token goes nowhere else. */
  url: URL;
  headers?: Record<string, string>;
  /** Made again for each attempt. */
  body?: () => HttpBody;
  /** How the format's own tool shows the token. */
  scheme: 'Basic' | 'Bearer';
}

export interface RegistryAnswer {
  status: number;
  body: Buffer;
}

export interface RegistryHttpOptions {
  http: HttpClient;
  token: RegistryToken;
  /** Where the token may go. */
  origin: string;
  policy: RetryPolicy;
  signal?: AbortSignal | undefined;
}

/** The longest answer that is read: npm's document of a package with thousands of versions. */
const longestAnswer = 256 << 20;

/** Sends requests to one registry as its own tools do; the token is in the header, and nowhere else. */
export class RegistryHttp {
  readonly #options: RegistryHttpOptions;

  constructor(options: RegistryHttpOptions) {
    this.#options = options;
  }

  /**
   * @param what for the message: "cannot …"
   * @param needs the action and the resource that the caller has to be allowed
   * @throws {HoldfastError} for any answer but a good one, and one of the accepted
   */
  async send(request: RegistryRequest, what: string, needs: string, accepted: number[] = []): Promise<RegistryAnswer> {
    if (request.url.origin !== this.#options.origin)
      throw new HoldfastError('ProtocolViolation', `the registry redirects to ${request.url.origin}`, {
        advice: 'The token is sent to the registry itself only.',
      });
    return retry(
      async () => {
        const response = await this.#authorized(request);
        const good = response.status >= 200 && response.status < 300;
        if (!good && !accepted.includes(response.status)) throw await refusal(response, what, needs);
        return { status: response.status, body: await readWhole(response.body, longestAnswer, 'the answer') };
      },
      this.#options.policy,
      { signal: this.#options.signal },
    );
  }

  async #authorized(request: RegistryRequest): Promise<HttpResponse> {
    const token = await this.#options.token.get();
    const response = await this.#once(request, token);
    if (response.status !== 401) return response;
    const renewed = await this.#options.token.get(token);
    if (renewed === token) return response;
    await readWhole(response.body, longestAnswer, 'the answer').catch(() => undefined);
    return this.#once(request, renewed);
  }

  #once({ method, url, headers = {}, body, scheme }: RegistryRequest, token: string): Promise<HttpResponse> {
    const shown = scheme === 'Bearer' ? token : Buffer.from(`aws:${token}`).toString('base64');
    return this.#options.http.send({
      method,
      url,
      headers: { ...headers, authorization: `${scheme} ${shown}` },
      ...(body ? { body: body() } : {}),
    });
  }
}

async function refusal(response: HttpResponse, what: string, needs: string): Promise<HoldfastError> {
  const { status, headers } = response;
  const text = await readWhole(response.body, 64 << 10, 'the answer').then(
    (body) => serverMessage(body.toString('utf8')),
    () => '',
  );
  const said = `cannot ${what}: the registry answers ${status}${text === '' ? '' : ` (${text})`}`;
  switch (status) {
    case 401:
    case 403:
      return new HoldfastError('AccessDenied', `${said}; it needs ${needs}`, {
        advice:
          'Grant that to the credentials. If they have it, the origin controls of the package may block publishing.',
      });
    case 404:
      return new HoldfastError('NotFound', said);
    case 409:
      return new HoldfastError('AlreadyExists', said);
    case 413:
      return new HoldfastError('TooLarge', said);
    case 429:
      return new HoldfastError('RateLimited', said, { transient: true, retryAfterMs: retryAfterMs(headers) });
    default:
      return new HoldfastError(status >= 500 ? 'Unavailable' : 'RemoteRefused', said, {
        transient: status >= 500,
        retryAfterMs: retryAfterMs(headers),
      });
  }
}
