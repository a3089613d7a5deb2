import { HttpTransport, type Authorize } from '#core/git/http-transport.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { HttpClient } from '#core/runtime/http.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { GitSource, Inventory } from '../source.ts';
import { parseGitAddress, type GitAddress } from './address.ts';
import type { Netrc } from './netrc.ts';

export interface PlainGitOptions {
  /** URLs and folders. */
  addresses: readonly string[];
  netrc: Netrc;
  stallMs?: number;
  signal?: AbortSignal | undefined;
}

/** Repositories named one by one, wherever they are. */
export class PlainGitSource implements GitSource {
  readonly source = 'git';
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
    const listed = Array.from(this.#addresses.values(), ({ item }) => ({ item }));
    const warnings = this.#duplicates.map((name) => `${name} was named more than once`);
    return Promise.resolve({ source: this.source, listed, warnings });
  }

  open(item: ManifestItem): Transport {
    const address = this.#addresses.get(item.id) ?? parseGitAddress(item.id);
    const { location } = address;
    return 'folder' in location
      ? new LocalTransport(location.folder, this.#options)
      : new HttpTransport(location.url, this.#http, byNetrc(this.#options.netrc));
  }

  close(): void {
    this.#http.close();
  }
}

/** Logs in by the netrc entry of whatever host is asked for; a refused login has no second one to try. */
export function byNetrc(netrc: Netrc): Authorize {
  return (url, refused) => {
    const entry = netrc.get(url.hostname.toLowerCase()) ?? netrc.get('default');
    if (!entry || refused !== undefined) return Promise.resolve(undefined);
    return Promise.resolve(`Basic ${Buffer.from(`${entry.login}:${entry.password}`).toString('base64')}`);
  };
}
