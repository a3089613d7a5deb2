import { HttpTransport, type Authorize } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { Source } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { isObjectsPath, objectsItem, repositoryOfObjects, type LfsRemote, type LfsSource } from '../lfs.ts';
import type { GitSource, Inventory, ListedItem, ListedSource } from '../source.ts';
import { belongsTo, type HostAddress } from './address.ts';
import { Credential } from './credential.ts';
import { orEmpty } from './empty-repository.ts';
import { gitAuthorization, refusedToken } from './git-authorization.ts';
import { HostApi } from './host-api.ts';
import type { HostedRepository } from './repository.ts';
import { compileSelection, type Selection } from './selection.ts';
import { defaultRequestsPerMinute, type HostingSettings } from './settings.ts';
import type { TokenProvider } from './token.ts';

/** What a run covers at a host, and how it is listed. */
export interface HostedScope {
  /** What was asked for: `group acme`. */
  name: string;
  /** All pages, oldest repository first. */
  pages: AsyncIterable<HostedPage>;
}

export interface HostedPage {
  repositories: HostedRepository[];
  /** Entries that are not as the API describes them, each by what is wrong with it. */
  invalid: string[];
  /** How many the host says that there are in all; undefined where it does not say. */
  total: number | undefined;
}

/** What one sort of Git host does in its own way. */
export interface GitHost {
  readonly source: Source;
  /** What people call it, for messages: `GitLab`. */
  readonly label: string;
  /**
   * Which listing answers the settings.
   * @throws {HoldfastError} SourceMissing where there is no such owner
   */
  scope(api: HostApi, owner: string | undefined, hasToken: boolean): Promise<HostedScope>;
  /** @throws {HoldfastError} SourceMissing */
  repository(api: HostApi, id: string): Promise<HostedRepository>;
  /** The login of the token's user. */
  tokenOwner(api: HostApi): Promise<string>;
}

export interface HostedSourceOptions {
  http: HttpClient;
  address: HostAddress;
  token: TokenProvider;
  settings: HostingSettings;
  /** Requests to the API; Git is not counted. Default: 300. */
  requestsPerMinute?: number | undefined;
  /** The longest time that one answer of the API may take, in milliseconds. Default: a minute. */
  requestTimeoutMs?: number | undefined;
  /** How often and how long the API is waited for. Default: four tries, and five minutes where the host asks for them. */
  retry?: RetryPolicy | undefined;
  signal?: AbortSignal | undefined;
  /** Called before each request that is made again. */
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

const defaultRetry: RetryPolicy = { attempts: 4, firstWaitMs: 1_000, longestWaitMs: 300_000 };

/** Ends the name of a wiki, which hosts keep as a repository of its own beside the one that it belongs to. */
const wikiSuffix = '.wiki';

/**
 * The repositories, and wikis, of an account at a Git host. Names and ids begin with the host, so that one vault can
 * hold several installations.
 */
export class HostedSource implements ListedSource, GitSource, LfsSource {
  readonly source: GitHost['source'];
  readonly feeds = { repositories: this, lfs: this };
  readonly #host: GitHost;
  readonly #options: HostedSourceOptions;
  readonly #selection: Selection;
  readonly #credential: Credential;
  readonly #api: HostApi;

  /** @throws {HoldfastError} ConfigurationInvalid */
  constructor(host: GitHost, options: HostedSourceOptions) {
    this.source = host.source;
    this.#host = host;
    this.#options = options;
    this.#selection = compileSelection(options.settings);
    this.#credential = new Credential(options.token);
    this.#api = new HostApi({
      http: options.http,
      address: options.address,
      credential: this.#credential,
      requestsPerMinute: options.requestsPerMinute ?? defaultRequestsPerMinute,
      requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
      retry: options.retry ?? defaultRetry,
      signal: options.signal,
      onRetry: options.onRetry,
    });
  }

  async inventory(): Promise<Inventory> {
    const { address, settings } = this.#options;
    const hasToken = (await this.#credential.token()) !== undefined;
    const scope = await this.#host.scope(this.#api, settings.owner, hasToken);
    const byId = new Map<string, HostedRepository>();
    const repeated = new Set<string>();
    const invalid: string[] = [];
    let total: number | undefined;
    let entries = 0;
    for await (const page of scope.pages) {
      for (const repository of page.repositories) {
        if (byId.has(repository.id)) repeated.add(fullName(repository));
        else byId.set(repository.id, repository);
      }
      invalid.push(...page.invalid);
      entries += page.repositories.length + page.invalid.length;
      total = page.total ?? total;
    }
    const repositories = [...byId.values()];
    const { label } = this.#host;
    return {
      source: this.source,
      scope: `${scope.name} at ${address.host}`,
      listed: repositories.flatMap((repository) => this.#listed(repository)),
      warnings: [
        ...(hasToken ? [] : [`no token was given, so ${label} lists public repositories only`]),
        ...invalid.map((problem) => `${label} lists an entry that cannot be backed up: ${problem}`),
        ...(repeated.size > 0 ? [`${label} listed ${repeated.size} repositories twice; kept once`] : []),
        ...(total !== undefined && total > entries
          ? [`${label} counts ${total} repositories and listed ${entries}: some may be missing`]
          : []),
        ...(repositories.length === 0 ? [`${label} lists no repository at all`] : []),
        ...this.#selection
          .idlePatterns(repositories.map(selectable))
          .map((text) => `--include ${text} matches no repository`),
      ],
    };
  }

  /** The login of the user to whom the token belongs: proves that the token works. */
  tokenOwner(): Promise<string> {
    return this.#host.tokenOwner(this.#api);
  }

  open(item: ManifestItem): Transport {
    const transport = new HttpTransport(this.#addressOf(item), this.#options.http, (at, refused) =>
      this.#authorize(at, refused),
    );
    const repository = wikiOf(this.#number(item));
    return repository === undefined ? transport : orEmpty(transport, () => this.#isReadable(repository));
  }

  objects(item: ManifestItem): LfsRemote {
    const repository = this.#addressOf(repositoryOfObjects(item));
    const { http } = this.#options;
    const authorize: Authorize = (at, refused) => this.#authorize(at, refused);
    return { transport: new HttpTransport(repository, http, authorize), endpoint: { http, repository, authorize } };
  }

  #addressOf(item: ManifestItem): URL {
    const [host, ...path] = item.path;
    const { address } = this.#options;
    if (host !== address.host || path.length < 2 || path.some((part) => /^\.{0,2}$/.test(part)))
      throw new HoldfastError('SourceMissing', `${item.name} is not a repository at ${address.host}`);
    return new URL(`${address.web}/${path.map(encodeURIComponent).join('/')}.git`);
  }

  async locate(item: ManifestItem): Promise<ManifestItem | undefined> {
    const number = this.#number(repositoryOfObjects(item));
    const repository = wikiOf(number);
    try {
      const now = await this.#host.repository(this.#api, repository ?? number);
      if (isObjectsPath(item.path)) return objectsItem(this.#item(now));
      return repository === undefined ? this.#item(now) : this.#wiki(now);
    } catch (error) {
      if (hasCode(error, 'SourceMissing')) return undefined;
      throw error;
    }
  }

  /** Leaves the connections open: they belong to the HTTP client. */
  close(): void {
    this.#api.close();
  }

  #listed(repository: HostedRepository): ListedItem[] {
    const skipped = this.#selection.reasonToSkip(selectable(repository)) ?? repository.unreadable;
    const reason = skipped === undefined ? {} : { skipped };
    const size = repository.bytes === undefined ? {} : { estimatedBytes: repository.bytes };
    const wiki = repository.wiki && this.#options.settings.wikis;
    return [
      { item: this.#item(repository), ...size, ...reason },
      ...(wiki ? [{ item: this.#wiki(repository), ...reason }] : []),
      ...(this.#options.settings.lfs ? [{ item: objectsItem(this.#item(repository)), ...reason }] : []),
    ];
  }

  #item(repository: HostedRepository): ManifestItem {
    const { host } = this.#options.address;
    return {
      source: this.source,
      id: `${host}/${repository.id}`,
      path: [host, ...repository.path],
      name: `${host}/${fullName(repository)}`,
    };
  }

  #wiki(repository: HostedRepository): ManifestItem {
    const { id, path, name, source } = this.#item(repository);
    const last = path.at(-1) ?? '';
    return {
      source,
      id: `${id}${wikiSuffix}`,
      path: [...path.slice(0, -1), `${last}${wikiSuffix}`],
      name: `${name}${wikiSuffix}`,
    };
  }

  /** The host's own number of an item, with the suffix of wikis. */
  #number({ id }: ManifestItem): string {
    return id.slice(this.#options.address.host.length + 1);
  }

  async #isReadable(id: string): Promise<boolean> {
    try {
      return (await this.#host.repository(this.#api, id)).wiki;
    } catch (error) {
      if (hasCode(error, 'SourceMissing', 'AccessDenied')) return false;
      throw error;
    }
  }

  async #authorize(url: URL, refused: string | undefined): Promise<string | undefined> {
    if (!belongsTo(this.#options.address, url)) return undefined;
    const old = refused === undefined ? undefined : refusedToken(refused);
    const token = await (old === undefined ? this.#credential.token() : this.#credential.renewed(old));
    return token === undefined ? undefined : gitAuthorization(token);
  }
}

function fullName({ path }: HostedRepository): string {
  return path.join('/');
}

function selectable(repository: HostedRepository): HostedRepository & { name: string; fullName: string } {
  return { ...repository, name: repository.path.at(-1) ?? '', fullName: fullName(repository) };
}

/** The number of the repository whose wiki this is; undefined where it is not a wiki. */
function wikiOf(number: string): string | undefined {
  return number.endsWith(wikiSuffix) ? number.slice(0, -wikiSuffix.length) : undefined;
}
