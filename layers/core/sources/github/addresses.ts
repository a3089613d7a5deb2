import { HoldfastError } from '#core/runtime/errors.ts';
import { isLoopback } from '../hosting/address.ts';

const publicApi = 'https://api.github.com';

/** Where one GitHub is. */
export interface GitHubAddresses {
  /** The base of the API, without a slash at the end: `https://api.github.com`, `https://ghe.example/api/v3`. */
  api: string;
  /** The origin of the API. */
  apiOrigin: string;
  /** The origin of the web pages and of Git. */
  webOrigin: string;
  /** Where the Git repositories of gists are, with a slash at the end. */
  gists: string;
  /** What people call it: `github.com`, `ghe.example`. */
  host: string;
}

/**
 * Takes the address of an API apart. Three forms exist: github.com, GitHub Enterprise Cloud with data residency
 * (`https://api.<name>.ghe.com`), and GitHub Enterprise Server, which has all on one host.
 * https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function gitHubAddresses(apiUrl: string = publicApi): GitHubAddresses {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.search !== '' || url.hash !== '')
    throw invalid('is not a web address');
  if (url.username !== '' || url.password !== '')
    throw invalid('holds a user name or password', 'Give the token by environment, file or secret.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw invalid('is not https', 'The token would travel unencrypted.');
  if (url.hostname === 'github.com')
    throw invalid('is the address of the web pages', `Give ${publicApi}, or leave it out.`);
  const web = new URL(url.origin);
  if (url.hostname === 'api.github.com' || /^api\.[^.]+\.ghe\.com$/.test(url.hostname))
    web.hostname = url.hostname.slice('api.'.length);
  return {
    api: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    apiOrigin: url.origin,
    webOrigin: web.origin,
    gists: gistsAt(web),
    host: web.host,
  };
}

/** Whether the token may be sent there: to the API and to the Git addresses that belong to it, nowhere else. */
export function isTrusted(addresses: GitHubAddresses, url: URL): boolean {
  const { apiOrigin, webOrigin, gists } = addresses;
  return [apiOrigin, webOrigin, new URL(gists).origin].includes(url.origin);
}

/** GitHub Enterprise Server has gists on its own host, the others on one beside it. */
function gistsAt(web: URL): string {
  const isCloud = web.hostname === 'github.com' || web.hostname.endsWith('.ghe.com');
  return isCloud ? `${web.protocol}//gist.${web.host}/` : `${web.origin}/gist/`;
}

// The address itself is not repeated: it may contain a password.
function invalid(problem: string, advice?: string): HoldfastError {
  return new HoldfastError('ConfigurationInvalid', `the address of GitHub's API ${problem}`, { advice });
}
