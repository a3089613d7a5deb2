import { HttpTransport, withoutLogin, type Authorize } from '#core/git/http-transport.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { objectsItem, repositoryOfObjects, type LfsRemote, type LfsSource } from '../lfs.ts';
import type { GitSource, Inventory, ListedSource } from '../source.ts';
import { parseGitAddress, type GitAddress } from './address.ts';
import type { FindLogin } from './credential-helpers.ts';
import type { Login, Netrc } from './netrc.ts';

export interface PlainGitOptions {
  /** URLs and folders. */
  addresses: readonly string[];
  netrc: Netrc;
  /** Asked for hosts without an entry there, once they want a login. */
  findLogin?: FindLogin | undefined;
  /** Whether the objects of Git LFS are backed up as well, of repositories that have a URL. */
  lfs?: boolean | undefined;
  stallMs?: number;
  signal?: AbortSignal | undefined;
}

/** Repositories named one by one, wherever they are. */
export class PlainGitSource implements ListedSource, GitSource, LfsSource {
  readonly source = 'git';
  readonly feeds = { repositories: this, lfs: this };
  readonly #addresses = new Map<string, GitAddress>();
  readonly #duplicates: string[] = [];
  readonly #options: PlainGitOptions;
  readonly #http: HttpClient;

  /** @throws {HoldfastError} Usage for an address that cannot be one, before anything is backed up */
  constructor(options: PlainGitOptions) {
    this.#options = options;
    for (const text of options.addresses) {
      const address = parseGitAddress(text);
      if (this.#addresses.has(address.item.id)) this.#duplicates.push(address.item.name);
      else this.#addresses.set(address.item.id, address);
    }
    this.#http = new HttpClient(options);
  }

  inventory(): Promise<Inventory> {
    const { netrc, lfs = false } = this.#options;
    const listed = [...this.#addresses.values()].flatMap(({ item, location }) =>
      lfs && 'url' in location ? [{ item }, { item: objectsItem(item) }] : [{ item }],
    );
    const warnings = [
      ...this.#duplicates.map((name) => `${name} was named more than once`),
      ...Array.from(this.#addresses.values(), ({ location }) =>
        'url' in location && travelsOpenly(netrc, location.url) ? openLogin(location.url) : undefined,
      ).filter((warning) => warning !== undefined),
    ];
    return Promise.resolve({ source: this.source, listed, warnings });
  }

  open(item: ManifestItem): Transport {
    const address = this.#addresses.get(item.id) ?? parseGitAddress(item.id);
    const { location } = address;
    return 'folder' in location
      ? new LocalTransport(location.folder, this.#options)
      : new HttpTransport(
          location.url,
          this.#http,
          byLogins(this.#options.netrc, location.url, this.#options.findLogin),
        );
  }

  objects(item: ManifestItem): LfsRemote {
    const repository = repositoryOfObjects(item);
    const { location } = this.#addresses.get(repository.id) ?? parseGitAddress(repository.id);
    if ('folder' in location)
      throw new HoldfastError('SourceUnsupported', `${repository.name} is a folder, and no server of Git LFS`);
    const authorize = byLogins(this.#options.netrc, location.url, this.#options.findLogin);
    return {
      transport: new HttpTransport(location.url, this.#http, authorize),
      endpoint: { http: this.#http, repository: location.url, authorize },
    };
  }

  close(): void {
    this.#http.close();
  }
}

/**
 * Logs in by the netrc entry of the host that was named, and of no other: wherever a server redirects to, no login goes
 * there that was not meant for it. One that is refused may have expired, and what is public needs none.
 * @param findLogin asked where netrc has no entry, as git does: once the host has refused to answer without a login
 */
export function byLogins(netrc: Netrc, named: URL, findLogin?: FindLogin): Authorize {
  const entry = loginFor(netrc, named);
  let found: { login: Login | undefined } | undefined;
  return async (url, refused) => {
    if (!isNamed(url, named)) return undefined;
    if (entry) return refused === undefined ? basic(entry) : withoutLogin;
    if (refused === withoutLogin) found ??= { login: await findLogin?.(new URL(named.pathname, url.origin)) };
    else if (refused !== undefined) return undefined;
    return found?.login && basic(found.login);
  };
}

function basic({ login, password }: Login): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}

/** Whether netrc's login for a URL would travel over the network unencrypted. */
export function travelsOpenly(netrc: Netrc, url: URL): boolean {
  return url.protocol === 'http:' && !isLoopback(url.hostname) && loginFor(netrc, url) !== undefined;
}

/** What is said of it. */
export function openLogin({ host }: URL): string {
  return `the login for ${host} goes there unencrypted: give its https address`;
}

/** The same host and port; or the host's https, where its plain http sends us on to that. */
function isNamed(url: URL, named: URL): boolean {
  return url.origin === named.origin || (url.origin === `https://${named.hostname}` && named.port === '');
}

/** An entry that names a port counts for that port alone, and before one that does not. */
function loginFor(netrc: Netrc, { hostname, port, protocol }: URL): Login | undefined {
  const host = hostname.toLowerCase();
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return netrc.get(`${host}:${at}`) ?? netrc.get(host) ?? netrc.get('default');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
