import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';
import { getProxyForUrl } from 'proxy-from-env';
import { HoldfastError } from './errors.ts';
import { keepSecret } from './redact.ts';
import { trustedAuthorities } from './trusted-authorities.ts';

/**
 * The proxy for a URL, as `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` name it; undefined for none. Its
 * user and password are masked from then on, in each form in which a proxy may repeat them.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function proxyFor(url: URL): URL | undefined {
  const named = getProxyForUrl(url.href);
  if (named === '' || isExcluded(url)) return undefined;
  // The library would reach a proxy without a scheme by that of the request; curl and git reach it by http.
  return parseProxy(schemeWasGiven(named, url) ? named : named.replace(/^https?:/, 'http:'));
}

/**
 * An agent that keeps connections alive to the servers of a URL's protocol, through the proxy or straight, and trusts the
 * authorities that the environment names.
 * @param options.bundle a file of further authorities
 * @param options.keepAlive whether it does; default true
 * @throws {HoldfastError} ConfigurationInvalid where those cannot be read
 */
export async function openAgent(
  { protocol }: URL,
  proxy: URL | undefined,
  { bundle, ...options }: { maxSockets?: number; keepAlive?: boolean; bundle?: string | undefined } = {},
): Promise<http.Agent> {
  const secure = protocol === 'https:';
  const secureContext = secure || proxy?.protocol === 'https:' ? await trustedAuthorities(bundle) : undefined;
  const settings = { keepAlive: true, ...options, ...(secureContext ? { secureContext } : {}) };
  if (!proxy) return new (secure ? https : http).Agent(settings);
  // Loaded only when needed, as most have no proxy.
  if (secure) return new (await import('./tunnel-agent.ts')).TunnelAgent(proxy, settings);
  return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, settings);
}

/** Whether the environment names any proxy at all. */
export function proxiesAreNamed(env: NodeJS.ProcessEnv = process.env): boolean {
  return ['https_proxy', 'http_proxy', 'all_proxy'].some((name) => variable(env, name) !== '');
}

/** The error for a proxy that answers in the place of the server; its words are not repeated. */
export function refusedByProxy(proxy: URL, status: number, target: URL): HoldfastError {
  const said = `the proxy ${proxy.protocol}//${proxy.host} answers ${status} for ${target.host}`;
  if (status === 407)
    return new HoldfastError('AccessDenied', `${said}: it demands a valid user and password`, {
      advice: 'Put them into the proxy variable, as http://user:password@host:port, with %2F for / and so on.',
    });
  return new HoldfastError('Unavailable', said, {
    transient: status >= 500,
    advice: 'Have the proxy allow the host, or name it in no_proxy.',
  });
}

/**
 * Whether an answer that came by a proxy is the proxy's own. Through a tunnel the server's is encrypted; without one,
 * 407 alone is only ever a proxy's.
 */
export function isProxysOwn(answer: http.IncomingMessage, target: URL): boolean {
  return answer.statusCode === 407 || (target.protocol === 'https:' && !('encrypted' in answer.socket));
}

function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // What stands before the last @ is a password, wherever a stray slash has put it.
  const [, login] = /^[^:]*:\/\/(.*)@/s.exec(text) ?? [];
  if (login !== undefined) keepLogin(login);
  if (!url || (login !== undefined && url.username === '' && url.password === ''))
    throw new HoldfastError('ConfigurationInvalid', 'a proxy variable does not hold a URL', {
      advice: 'Write it as http://user:password@host:port; in the password %2F for /, %40 for @, %23 for #, %3F for ?.',
    });
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new HoldfastError('ConfigurationInvalid', `the proxy ${url.host} uses ${url.protocol.slice(0, -1)}`, {
      advice: 'Only HTTP and HTTPS proxies are supported.',
    });
  keepLogin(`${url.username}:${url.password}`);
  url.username = escapedWell(url.username);
  url.password = escapedWell(url.password);
  return url;
}

/** Keeps a login secret as it is written, decoded, and as a proxy is sent it. */
function keepLogin(login: string): void {
  const decoded = decodeURIComponent(escapedWell(login));
  for (const form of [login, decoded]) {
    keepSecret(form);
    keepSecret(form.slice(form.indexOf(':') + 1));
  }
}

/** With each % that begins no escape escaped, as curl reads it. */
function escapedWell(text: string): string {
  try {
    decodeURIComponent(text);
    return text;
  } catch {
    return text.replaceAll('%', '%25');
  }
}

function schemeWasGiven(named: string, { protocol }: URL): boolean {
  const raw = variable(process.env, `${protocol.slice(0, -1)}_proxy`) || variable(process.env, 'all_proxy');
  return raw === named;
}

/**
 * Whether `no_proxy` excludes a host by what curl reads and the library does not: a name stands for the names below it,
 * too, and a network for its addresses. https://everything.curl.dev/usingcurl/proxies/env.html
 */
function isExcluded({ hostname, port, protocol }: URL): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const wanted = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return variable(process.env, 'no_proxy')
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, name = entry, only = wanted] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
      return only === wanted && covers(name.replace(/^\[|\]$/g, ''), host);
    });
}

function covers(entry: string, host: string): boolean {
  if (entry === '*') return true;
  const kind = isIP(host);
  if (kind === 0) {
    const name = entry.replace(/^\*?\.|\.$/g, '');
    return host === name || host.endsWith(`.${name}`);
  }
  const [address = '', bits] = entry.split('/');
  if (isIP(address) !== kind) return false;
  const family = kind === 6 ? 'ipv6' : 'ipv4';
  const longest = kind === 6 ? 128 : 32;
  const length = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > longest) return false;
  const network = new BlockList();
  network.addSubnet(address, length, family);
  return network.check(host, family);
}

function variable(env: NodeJS.ProcessEnv, name: string): string {
  return env[name] || env[name.toUpperCase()] || '';
}
