import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpClient, HttpResponse } from '#core/runtime/http.ts';
import { userAgent } from '#core/runtime/version.ts';
import { isLoopback } from '../../hosting/address.ts';
import type { Credential } from '../../hosting/credential.ts';
import type { RequestBudget } from '../../hosting/request-budget.ts';
import { restVersion } from './api-versions.ts';

export interface DownloadOptions {
  http: HttpClient;
  /** The origin of the API, which alone gets the token. */
  origin: string;
  credential: Credential;
  budget: RequestBudget;
  /** Makes the error of an answer that is not the file. */
  refuse: (response: HttpResponse) => Promise<unknown>;
}

const longestRedirectChain = 5;

/**
 * The bytes of a file. GitHub sends them itself, or the address of a storage host, good for some minutes, which must not
 * get the token. https://docs.github.com/en/rest/releases/assets#get-a-release-asset
 */
export async function* download(options: DownloadOptions, address: URL): AsyncGenerator<Buffer> {
  let url = address;
  for (let redirects = 0; redirects <= longestRedirectChain; redirects++) {
    const response = await ask(options, url);
    const { status, headers } = response;
    if (status === 200) {
      yield* response.body;
      return;
    }
    const { location } = headers;
    if (status < 300 || status >= 400 || location === undefined) throw await options.refuse(response);
    response.close();
    url = target(url, location);
  }
  throw new HoldfastError('Unavailable', `${url.host} redirects more than ${longestRedirectChain} times`);
}

async function ask(options: DownloadOptions, url: URL): Promise<HttpResponse> {
  const { http, origin, credential, budget } = options;
  const headers = { accept: 'application/octet-stream', 'user-agent': userAgent };
  if (url.origin !== origin) return http.send({ method: 'GET', url, headers });
  const send = (token: string | undefined): Promise<HttpResponse> =>
    budget.run(async () => {
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const own = { ...headers, 'x-github-api-version': restVersion, ...authorization };
      const response = await http.send({ method: 'GET', url, headers: own });
      budget.heed(response.headers);
      return response;
    });
  const token = await credential.token();
  const response = await send(token);
  if (response.status !== 401 || token === undefined) return response;
  const renewed = await credential.renewed(token);
  if (renewed === undefined) return response;
  response.close();
  return send(renewed);
}

function target(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && isLoopback(to.hostname))) return to;
  throw new HoldfastError('Unavailable', `${from.host} redirects to an address that is not https`);
}
