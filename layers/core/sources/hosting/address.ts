import { HoldfastError } from '#core/runtime/errors.ts';

/** Where one installation of a Git host is. */
export interface HostAddress {
  /** The base of the web pages and of Git, without a slash at the end: `https://gitlab.example`, `https://host/git`. */
  web: string;
  /** The base of the API, without a slash at the end. */
  api: string;
  /** The origin of both. */
  origin: string;
  /** How the host stands in names and paths: `gitlab.example`, `host:8443/git`. */
  host: string;
}

/**
 * Takes the address of a self-hosted Git host apart: that of its web pages, which may lie below a path.
 * @param what the setting that holds the address, for messages; the address itself is never repeated
 * @param apiPath where the API lies below it: `/api/v4`
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function hostAddress(address: string, what: string, apiPath: string): HostAddress {
  const invalid = (problem: string, advice?: string): HoldfastError =>
    new HoldfastError('ConfigurationInvalid', `${what} ${problem}`, { advice });
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.search !== '' || url.hash !== '')
    throw invalid('is not a web address', 'Give the address of the web pages, such as https://git.example.com.');
  if (url.username !== '' || url.password !== '')
    throw invalid('holds a user name or password', 'Give the token by environment, file or secret.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw invalid('is not https', 'The token would travel unencrypted.');
  const path = url.pathname.replace(/\/+$/, '');
  const base = path.endsWith(apiPath) ? path.slice(0, -apiPath.length) : path;
  return {
    web: `${url.origin}${base}`,
    api: `${url.origin}${base}${apiPath}`,
    origin: url.origin,
    host: `${url.host}${base}`,
  };
}

/** Whether an address belongs to this host, so that the host's token may be sent there. */
export function belongsTo({ web, api }: HostAddress, url: URL): boolean {
  return [web, api].some((base) => url.href === base || url.href.startsWith(`${base}/`));
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
