import { HoldfastError } from '#core/runtime/errors.ts';
import { readWhole, retryAfterMs, type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import type { RequestBody, Service, Transport } from './transport.ts';

/**
 * Gives the Authorization header for a URL, or nothing where there is no credential for that host. Asked for every
 * host anew, so that a redirect never carries one host's credential to another.
 * @param refused the header that the server has just refused: fetch a newer credential or give up
 */
export type Authorize = (url: URL, refused?: string) => Promise<string | undefined>;

const longestRedirectChain = 5;

/** Git's smart HTTP protocol (gitprotocol-http). */
export class HttpTransport implements Transport {
  readonly address: string;
  readonly #http: HttpClient;
  readonly #authorize: Authorize;
  /** The repository's URL; replaced where the server redirects the advertisement, as git itself does. */
  #base: URL;

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
      const response = await this.#request('GET', url, versionHeader(version));
      const location = response.headers.location;
      if (response.status >= 300 && response.status < 400 && location !== undefined) {
        await discard(response);
        url = redirected(url, location);
        continue;
      }
      await this.#throwUnlessOk(response, service);
      if (response.headers['content-type'] !== `application/x-${service}-advertisement`) {
        await discard(response);
        throw new HoldfastError('SourceUnsupported', `${this.address} does not answer as a smart Git server does`, {
          advice:
            'Check that the address is that of a repository; servers of plain files ("dumb HTTP") are not supported.',
        });
      }
      this.#base = repositoryOf(url, this.#base);
      return response.body;
    }
    throw new HoldfastError('Unavailable', `${this.address} redirects more than ${longestRedirectChain} times`);
  }

  async exchange(service: Service, version: 0 | 2, body: RequestBody): Promise<AsyncIterable<Buffer>> {
    const headers = {
      ...versionHeader(version),
      'content-type': `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    };
    const response = await this.#request('POST', new URL(`${this.#base.href}/${service}`), headers, body);
    await this.#throwUnlessOk(response, service);
    return response.body;
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
        headers: authorization === undefined ? headers : { ...headers, authorization },
        ...(body ? { body } : {}),
      });
    };
    const authorization = await this.#authorize(url);
    const response = await send(authorization);
    // A body that streams can only be sent once; its advertisement has already proven the credential.
    if (response.status !== 401 || (body && !Array.isArray(body.chunks))) return response;
    const renewed = await this.#authorize(url, authorization ?? '');
    if (renewed === undefined || renewed === authorization) return response;
    await discard(response);
    return send(renewed);
  }

  async #throwUnlessOk(response: HttpResponse, service: Service): Promise<void> {
    if (response.status === 200) return;
    const said = await whatWasSaid(response);
    const where = `${this.address} answers ${response.status}${said}`;
    switch (response.status) {
      case 401:
        throw new HoldfastError('AccessDenied', `${where}: no valid credentials`, {
          advice: 'Give a token or a netrc entry for this host that may read the repository.',
        });
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
    throw new HoldfastError('Unavailable', `${from.origin} redirects to what is no address`);
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== from.protocol)
    throw new HoldfastError(
      'Unavailable',
      `${from.origin} redirects to ${to.protocol}//, which is less safe, so it is not followed`,
    );
  if (!to.pathname.endsWith('/info/refs'))
    throw new HoldfastError(
      'SourceMissing',
      `${from.origin}${from.pathname} redirects to ${serverMessage(`${to.origin}${to.pathname}`)}, which is no Git repository`,
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

async function discard(response: HttpResponse): Promise<void> {
  await readWhole(response.body, 1 << 20, 'the answer').catch(() => undefined);
}

/** A refusal in plain text: GitHub explains there why a repository is closed. */
async function whatWasSaid(response: HttpResponse): Promise<string> {
  const text = await readWhole(response.body, 64 << 10, 'the answer').then(
    (body) => body.toString('utf8'),
    () => '',
  );
  if (!(response.headers['content-type'] ?? '').startsWith('text/plain')) return '';
  const words = serverMessage(text);
  return words === '' ? '' : ` (${words})`;
}
