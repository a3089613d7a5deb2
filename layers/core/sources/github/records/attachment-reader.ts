import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpClient, HttpResponse } from '#core/runtime/http.ts';
import { userAgent } from '#core/runtime/version.ts';
import type { Credential } from '../../hosting/credential.ts';
import type { GitHubAddresses } from '../addresses.ts';
import { isStorage } from './attachment-addresses.ts';

const longestRedirectChain = 5;

/**
 * Reads attachments by their addresses, which count against no limit of the API. The token goes to GitHub's web pages alone,
 * which send on to a storage host by an address that is good for some minutes; nowhere but to GitHub's own hosts is followed.
 */
export class AttachmentReader {
  readonly addresses: GitHubAddresses;
  readonly #http: HttpClient;
  readonly #credential: Credential;

  constructor(http: HttpClient, addresses: GitHubAddresses, credential: Credential) {
    this.#http = http;
    this.addresses = addresses;
    this.#credential = credential;
  }

  /**
   * @param address of an attachment at GitHub
   * @param atMost bytes
   * @throws {HoldfastError} SourceMissing where it is not given; TooLarge
   */
  async *read(address: URL, atMost: number): AsyncGenerator<Buffer> {
    let url = address;
    for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
      const response = await this.#ask(url);
      const { status, headers } = response;
      if (status === 200) {
        yield* within(response, address, atMost);
        return;
      }
      response.close();
      const { location } = headers;
      if (status < 300 || status >= 400 || location === undefined) throw notGiven(address, `status ${status}`);
      const to = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
      // Among them the page for a login.
      if (!to || !isStorage(this.addresses, to))
        throw notGiven(address, 'it leads to another place than an attachment');
      url = to;
    }
    throw notGiven(address, 'it redirects again and again');
  }

  /** With the token where it may be sent; without it, where GitHub does not take such a token there. */
  async #ask(url: URL): Promise<HttpResponse> {
    const headers = { accept: '*/*', 'user-agent': userAgent };
    const send = (more: Record<string, string>): Promise<HttpResponse> =>
      this.#http.send({ method: 'GET', url, headers: { ...headers, ...more } });
    const token = url.origin === this.addresses.webOrigin ? await this.#credential.token() : undefined;
    if (token === undefined) return send({});
    const response = await send({ authorization: `Bearer ${token}` });
    if (![400, 401, 403, 404].includes(response.status)) return response;
    response.close();
    return send({});
  }
}

async function* within({ headers, body, close }: HttpResponse, address: URL, atMost: number): AsyncGenerator<Buffer> {
  const announced = Number(headers['content-length'] ?? 0);
  let bytes = 0;
  const refuse = (): HoldfastError => {
    close();
    return new HoldfastError('TooLarge', `${address.href} has more than ${atMost} bytes`);
  };
  if (announced > atMost) throw refuse();
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > atMost) throw refuse();
    yield chunk;
  }
}

function notGiven(address: URL, why: string): HoldfastError {
  const isTransient = /^status 5/.test(why);
  return new HoldfastError(isTransient ? 'Unavailable' : 'SourceMissing', `${address.href} is not given (${why})`, {
    transient: isTransient,
    advice: 'Private attachments are given to classic tokens alone.',
  });
}
