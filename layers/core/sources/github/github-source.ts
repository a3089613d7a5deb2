import { HttpTransport } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { GitSource, Inventory, ListedItem, ListedSource } from '../source.ts';
import { gitHubAddresses, isTrusted, type GitHubAddresses } from './addresses.ts';
import { GitHubApi } from './api.ts';
import { Credential } from '../hosting/credential.ts';
import { gitAuthorization, refusedToken } from '../hosting/git-authorization.ts';
import { listRepositories, missingFrom } from './listing.ts';
import { orEmpty } from '../hosting/empty-repository.ts';
import { code } from './datasets/code.ts';
import { datasetItem, partsOf } from './datasets/dataset-item.ts';
import { datasets } from './datasets/table.ts';
import { wiki } from './datasets/wiki.ts';
import type { Repository } from './repository.ts';
import { findScope } from './scope.ts';
import { compileSelection, type Selection } from '../hosting/selection.ts';
import type { GitHubSettings } from './settings.ts';
import type { TokenProvider } from '../hosting/token.ts';

export interface GitHubSourceOptions {
  http: HttpClient;
  token: TokenProvider;
  settings: GitHubSettings;
  /**
   * GitHub Enterprise: `https://ghe.example/api/v3`. Default: github.com. Each GitHub needs a vault prefix of its
   * own, since two of them use the same ids and names for different repositories.
   */
  apiUrl?: string | undefined;
  /** Requests to the API; Git is not counted. Default: 30. */
  requestsPerMinute?: number | undefined;
  /** The longest time that one answer of the API may take, in milliseconds. Default: a minute. */
  requestTimeoutMs?: number | undefined;
  /** How often and how long the API is waited for. Default: four tries, and five minutes where GitHub asks for them. */
  retry?: RetryPolicy | undefined;
  signal?: AbortSignal | undefined;
  /** Told of each request that is about to be made again. */
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

/** Longer waits are left to whoever started the run: a Lambda function has 15 minutes in all. */
export const defaultApiRetry: RetryPolicy = { attempts: 4, firstWaitMs: 1_000, longestWaitMs: 300_000 };

/** The repositories of an account at GitHub. */
export class GitHubSource implements ListedSource, GitSource {
  readonly source = 'github';
  readonly feeds = { repositories: this };
  readonly #http: HttpClient;
  readonly #settings: GitHubSettings;
  readonly #selection: Selection;
  readonly #addresses: GitHubAddresses;
  readonly #credential: Credential;
  readonly #api: GitHubApi;
  /** Where GitHub says that repositories are cloned from, by id. */
  readonly #cloneUrls = new Map<string, URL>();
  /** Why repositories that GitHub lists cannot be backed up, by id. */
  readonly #problems = new Map<string, string>();

  /** @throws {HoldfastError} ConfigurationInvalid */
  constructor(options: GitHubSourceOptions) {
    this.#http = options.http;
    this.#settings = options.settings;
    this.#selection = compileSelection(options.settings);
    this.#addresses = gitHubAddresses(options.apiUrl);
    this.#credential = new Credential(options.token);
    this.#api = new GitHubApi({
      http: options.http,
      addresses: this.#addresses,
      credential: this.#credential,
      requestsPerMinute: options.requestsPerMinute ?? 30,
      requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
      retry: options.retry ?? defaultApiRetry,
      signal: options.signal,
      onRetry: options.onRetry,
    });
  }

  async inventory(): Promise<Inventory> {
    const hasToken = (await this.#credential.token()) !== undefined;
    const scope = await findScope(this.#api, this.#settings, hasToken);
    const { repositories, warnings } = await listRepositories(this.#api, scope.listing);
    return {
      source: this.source,
      scope: this.#addresses.host === 'github.com' ? scope.name : `${scope.name} at ${this.#addresses.host}`,
      listed: repositories.flatMap((repository) => this.#listed(repository)),
      warnings: [
        ...scope.warnings,
        ...warnings,
        ...missingFrom(repositories, scope.owned),
        ...(repositories.length === 0 ? ['GitHub lists no repository at all'] : []),
        ...this.#selection.idlePatterns(repositories).map((text) => `--include ${text} matches no repository`),
      ],
    };
  }

  /** The login of the user to whom the token belongs: proves that the token works. */
  async tokenOwner(): Promise<string> {
    return (await this.#api.viewer()).login;
  }

  /** A way to the code, or to the wiki, which GitHub makes only with its first page. */
  open(item: ManifestItem): Transport {
    const transport = this.#transportTo(item, '.git');
    if (partsOf(item).dataset !== wiki.name) return transport;
    return orEmpty(this.#transportTo(item, '.wiki.git'), () => isThere(transport));
  }

  /** @throws {HoldfastError} SourceBlocked where GitHub has closed it, which is not the same as gone */
  async locate(item: ManifestItem): Promise<ManifestItem | undefined> {
    const { repository: id, dataset } = partsOf(item);
    try {
      const repository = await this.#api.repository(id);
      this.#know(repository);
      return datasetItem(repository, { name: dataset });
    } catch (error) {
      if (hasCode(error, 'SourceMissing')) return undefined;
      throw error;
    }
  }

  /** Leaves the connections open: they belong to the HTTP client. */
  close(): void {
    this.#api.close();
  }

  /** The repository itself, and what else of it is kept. What is left out of it is not listed, but for the code. */
  #listed(repository: Repository): ListedItem[] {
    this.#know(repository);
    // What cannot be read is not chosen either: it fails, and is seen.
    const skipped = repository.problem === undefined ? this.#selection.reasonToSkip(repository) : undefined;
    const { datasets: chosen } = this.#settings;
    const reason = skipped ?? (chosen?.has(code.name) === false ? 'code is not among the datasets' : undefined);
    const parts =
      skipped === undefined && repository.problem === undefined
        ? datasets.filter((one) => one !== code && (chosen?.has(one.name) ?? true) && one.isOf(repository))
        : [];
    return [
      {
        item: datasetItem(repository, code),
        estimatedBytes: repository.size * 1024,
        ...(reason === undefined ? {} : { skipped: reason }),
      },
      ...parts.map((dataset) => ({ item: datasetItem(repository, dataset) })),
    ];
  }

  /** Notes where a repository is cloned from, or why from nowhere. */
  #know(repository: Repository): void {
    const { id } = datasetItem(repository, code);
    const problem = repository.problem ?? this.#problemOf(repository.cloneUrl);
    if (problem === undefined) this.#cloneUrls.set(id, new URL(repository.cloneUrl));
    else this.#problems.set(id, problem);
  }

  /** A listing is not to send us elsewhere than to GitHub itself, nor to anything but a repository there. */
  #problemOf(cloneUrl: string): string | undefined {
    const url = URL.canParse(cloneUrl) ? new URL(cloneUrl) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) return 'its clone address is not a web address';
    if (!isTrusted(this.#addresses, url))
      return `its clone address is at ${url.origin}, and not at ${this.#addresses.webOrigin}`;
    return url.search + url.hash + url.username + url.password === ''
      ? undefined
      : 'its clone address holds more than an address';
  }

  /** @param ending of the address: of the repository or of its wiki */
  #transportTo(item: ManifestItem, ending: '.git' | '.wiki.git'): Transport {
    const { repository } = partsOf(item);
    const problem = this.#problems.get(repository);
    if (problem !== undefined) throw unusable(item, problem);
    const url = new URL(this.#cloneUrls.get(repository) ?? this.#derivedCloneUrl(item));
    url.pathname = url.pathname.replace(/(?:\.git)?$/, ending);
    return new HttpTransport(url, this.#http, (at, refused) => this.#authorize(at, refused));
  }

  /** For items of an inventory that another process made, which knows no addresses. */
  #derivedCloneUrl(item: ManifestItem): URL {
    const { path, name } = item;
    const names = partsOf(item).dataset === code.name ? path : path.slice(0, -1);
    const [owner, repository, ...rest] = names.map(encodeURIComponent);
    if (path[0] === '') throw unusable({ name }, 'GitHub does not describe it as its API should');
    if (owner === undefined || repository === undefined || rest.length > 0 || path.some((one) => /^\.{0,2}$/.test(one)))
      throw new HoldfastError('SourceMissing', `${name} is not a repository at GitHub`);
    return new URL(`${this.#addresses.webOrigin}/${owner}/${repository}.git`);
  }

  async #authorize(url: URL, refused: string | undefined): Promise<string | undefined> {
    if (!isTrusted(this.#addresses, url)) return undefined;
    const old = refused === undefined ? undefined : refusedToken(refused);
    const token = await (old === undefined ? this.#credential.token() : this.#credential.renewed(old));
    return token === undefined ? undefined : gitAuthorization(token);
  }
}

/**
 * Whether a repository answers over Git, to the same credential: the API would answer to one that may not read contents.
 * @throws {HoldfastError} where it is refused for another reason than that it cannot be seen
 */
async function isThere(repository: Transport): Promise<boolean> {
  try {
    for await (const _ of await repository.advertisement('git-upload-pack', 0)) break;
    return true;
  } catch (error) {
    if (hasCode(error, 'SourceMissing')) return false;
    throw error;
  }
}

function unusable({ name }: Pick<ManifestItem, 'name'>, problem: string): HoldfastError {
  return new HoldfastError('SourceUnsupported', `${name} cannot be backed up: ${problem}`, {
    advice: 'Look at it in the web pages. Whatever a listing says, only GitHub itself is asked for a repository.',
  });
}
