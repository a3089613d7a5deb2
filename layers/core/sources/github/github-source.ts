import { HttpTransport, type Authorize } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { LfsRemote, LfsSource } from '../lfs.ts';
import type { GitSource, Inventory, ListedItem, ListedSource } from '../source.ts';
import { gitHubAddresses, isTrusted, type GitHubAddresses } from './addresses.ts';
import { GitHubApi } from './api.ts';
import { isAppRefused } from './api-error.ts';
import type { GitHubApp, Installation } from './app/github-app.ts';
import { Credential } from '../hosting/credential.ts';
import { gitAuthorization, refusedToken } from '../hosting/git-authorization.ts';
import { listRepositories, missingFrom } from './listing.ts';
import { orEmpty } from '../hosting/empty-repository.ts';
import { accountItem, gistItem, placeBelowAccount } from './accounts/account-item.ts';
import type { GitHubAccount } from './accounts/account.ts';
import { accessOfApp, accessOfScopes, lacking, type Access } from './datasets/access.ts';
import { gists, starred } from './datasets/accounts.ts';
import { code } from './datasets/code.ts';
import type { AccountDataset, AnyDataset, DatasetDefinition } from './datasets/dataset.ts';
import { datasetItem, partsOf } from './datasets/dataset-item.ts';
import { attachments } from './datasets/records.ts';
import { isNamed, isWanted } from './datasets/selection.ts';
import { accountDatasets, datasets, repositoryDatasets } from './datasets/table.ts';
import { wiki } from './datasets/wiki.ts';
import { GitHubRecords } from './records/github-records.ts';
import type { RecordSource } from '../records.ts';
import type { Repository } from './repository.ts';
import { findScope } from './scope.ts';
import { compileSelection, type Selection } from '../hosting/selection.ts';
import type { GitHubSettings } from './settings.ts';
import type { TokenProvider } from '../hosting/token.ts';

export interface GitHubSourceOptions {
  http: HttpClient;
  token: TokenProvider;
  /** Where the token is that of an app: what it may read. */
  app?: Pick<GitHubApp, 'installation'> | undefined;
  settings: GitHubSettings;
  /**
   * GitHub Enterprise: `https://ghe.example/api/v3`. Default: github.com. Each GitHub needs a vault prefix of its
   * own, since two of them use the same ids and names for different repositories.
   */
  apiUrl?: string | undefined;
  /** Requests to the API; Git is not counted. Default: `defaultRequestsPerMinute`. */
  requestsPerMinute?: number | undefined;
  /** The longest time that one answer of the API may take, in milliseconds. Default: a minute. */
  requestTimeoutMs?: number | undefined;
  /** How often and how long the API is waited for. Default: four tries, and five minutes where GitHub asks for them. */
  retry?: RetryPolicy | undefined;
  signal?: AbortSignal | undefined;
  /** Told of each request that is about to be made again. */
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

/**
 * GitHub serves 900 a minute and 5,000 an hour, which are spread once half of them are spent.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export const defaultRequestsPerMinute = 120;

/** Longer waits are left to the caller of the run: a Lambda function has 15 minutes in all. */
export const defaultApiRetry: RetryPolicy = { attempts: 4, firstWaitMs: 1_000, longestWaitMs: 300_000 };

/** The repositories of an account at GitHub. */
export class GitHubSource implements ListedSource, GitSource, LfsSource {
  readonly source = 'github';
  readonly feeds: { repositories: GitSource; lfs: LfsSource; records: RecordSource };
  readonly #http: HttpClient;
  readonly #settings: GitHubSettings;
  readonly #selection: Selection;
  readonly #addresses: GitHubAddresses;
  readonly #credential: Credential;
  readonly #app: GitHubSourceOptions['app'];
  readonly #api: GitHubApi;
  readonly #records: GitHubRecords;
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
    this.#app = options.app;
    const api = {
      http: options.http,
      addresses: this.#addresses,
      credential: this.#credential,
      requestsPerMinute: options.requestsPerMinute ?? defaultRequestsPerMinute,
      requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
      retry: options.retry ?? defaultApiRetry,
      signal: options.signal,
      onRetry: options.onRetry,
    };
    this.#api = new GitHubApi(api);
    this.#records = new GitHubRecords(api, isWanted(attachments, options.settings.datasets));
    this.feeds = { repositories: this, lfs: this, records: this.#records };
  }

  async inventory(): Promise<Inventory> {
    const hasToken = (await this.#credential.token()) !== undefined;
    const installation = await this.#app?.installation();
    const scope = await findScope(this.#api, this.#settings, hasToken, installation);
    const { repositories, warnings } = await listRepositories(this.#api, scope.listing);
    const { account } = scope;
    const datasetsOf = await this.#datasets(hasToken, installation);
    const { taken, untaken } = datasetsOf(repositoryDatasets);
    const own = datasetsOf(accountDatasets.filter((one) => one.isOf(account) && this.#takes(one)));
    const below = await this.#belowAccount(account, own.taken);
    return {
      source: this.source,
      scope: this.#addresses.host === 'github.com' ? scope.name : `${scope.name} at ${this.#addresses.host}`,
      listed: [...repositories.flatMap((repository) => this.#listed(repository, taken)), ...below.listed],
      warnings: [
        ...scope.warnings,
        ...untaken,
        ...own.untaken,
        ...warnings,
        ...below.warnings,
        ...missingFrom(repositories, scope.owned),
        ...(repositories.length === 0 ? ['GitHub lists no repository at all'] : []),
        ...this.#selection.idlePatterns(repositories).map((text) => `--include ${text} matches no repository`),
      ],
    };
  }

  /**
   * Whose the credential is, for people, and what it may not read: proves that it works.
   * @returns `lacks` by dataset, each with what would give it
   */
  async whoAmI(): Promise<{ name: string; access: Access['of']; lacks: Map<string, string> }> {
    const installation = await this.#app?.installation();
    const access = installation ? accessOfApp(installation) : accessOfScopes(await this.#api.scopes());
    const name = installation ? nameOf(installation) : `the GitHub token is ${(await this.#api.viewer()).login}'s`;
    const asked = datasets.filter(
      (one) => isWanted(one, undefined) && (one.of === 'repository' || !installation || one.isOf(installation.account)),
    );
    const lacks = asked.map((one): [string, string | undefined] => [one.name, lacking(one, access)]);
    return {
      name,
      access: access.of,
      lacks: new Map(lacks.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    };
  }

  /** A way to the code, or to the wiki, which GitHub makes only with its first page. */
  open(item: ManifestItem): Transport {
    const gist = placeBelowAccount(item.path)?.gist;
    if (gist !== undefined) return this.#transportToGist(item, gist);
    const transport = this.#transportTo(item, '.git');
    if (partsOf(item).dataset !== wiki.name) return transport;
    return orEmpty(this.#transportTo(item, '.wiki.git'), () => isThere(transport));
  }

  objects(item: ManifestItem): LfsRemote {
    const repository = this.#addressOf(item, '.git');
    const authorize: Authorize = (at, refused) => this.#authorize(at, refused);
    return {
      transport: new HttpTransport(repository, this.#http, authorize),
      endpoint: { http: this.#http, repository, authorize },
    };
  }

  /** @throws {HoldfastError} SourceBlocked where GitHub has closed it, which is not the same as gone */
  async locate(item: ManifestItem): Promise<ManifestItem | undefined> {
    // A gist is found by its own name alone, which never changes.
    if (placeBelowAccount(item.path)) return undefined;
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
    this.#records.close();
  }

  /**
   * Which datasets are taken, and a warning for each that is known to be out of the credential's reach. What was asked for
   * by name is tried all the same, and then fails; and so is the code, without which there is nothing.
   */
  async #datasets(hasToken: boolean, installation: Installation | undefined): Promise<TakeDatasets> {
    const { datasets: chosen } = this.#settings;
    const isCodeAlone = datasets.every((one) => one === code || !isWanted(one, chosen));
    // What is not known takes a request.
    const access: Access = isCodeAlone
      ? { of: 'unknown' }
      : installation
        ? accessOfApp(installation)
        : accessOfScopes(hasToken ? await this.#scopes() : undefined);
    // Without a token GitHub answers 60 requests an hour, which records would spend at the first repositories.
    const missing = (one: AnyDataset): string | undefined =>
      !hasToken && one.kind === 'records' ? 'it takes a token' : lacking(one, access);
    const isTried = (one: AnyDataset): boolean => one === code || isNamed(one, chosen) || missing(one) === undefined;
    return (all) => {
      const wanted = all.filter((one) => isWanted(one, chosen));
      return {
        taken: wanted.filter(isTried),
        untaken: wanted.flatMap((one) => {
          const why = missing(one);
          return why === undefined ? [] : [`${one.name} ${isTried(one) ? 'will fail' : 'is not kept'}: ${why}`];
        }),
      };
    };
  }

  /** A run that is meant for some repositories takes nothing of their owner that was not asked for by name. */
  #takes(dataset: AccountDataset): boolean {
    const { datasets: chosen, include, visibility } = this.#settings;
    return isNamed(dataset, chosen) || (include.length === 0 && visibility === 'all');
  }

  /** What the account has beside its repositories. A list of gists that cannot be read costs nothing else. */
  async #belowAccount(
    account: GitHubAccount,
    taken: readonly AccountDataset[],
  ): Promise<Pick<Inventory, 'listed' | 'warnings'>> {
    const listed: ListedItem[] = taken.map(({ name }) => ({ item: accountItem(account, name) }));
    const warnings: string[] = [];
    const lists = [
      { of: gists, list: () => this.#records.gists(account.login) },
      ...(account.isViewer ? [{ of: starred, list: () => this.#records.starredGists() }] : []),
    ];
    const seen = new Set<string>();
    for (const { of, list } of lists) {
      if (!taken.includes(of)) continue;
      try {
        for await (const gist of list()) {
          if (seen.has(gist)) continue;
          seen.add(gist);
          listed.push({ item: gistItem(account, gist) });
        }
      } catch (error) {
        if (!(error instanceof HoldfastError) || error.code === 'Interrupted') throw error;
        warnings.push(`the Git repositories of ${of.name} are not listed, and so not kept: ${error.message}`);
      }
    }
    if (taken.includes(gists) && !account.isViewer)
      warnings.push(`the token is not that of ${account.login}, so only public gists are listed`);
    return { listed, warnings };
  }

  /** Undefined for tokens that are not a user's, and have none. */
  async #scopes(): Promise<string[] | undefined> {
    try {
      return await this.#api.scopes();
    } catch (error) {
      if (isAppRefused(error)) return undefined;
      throw error;
    }
  }

  /** The repository itself, and what else of it is kept. What is left out of it is not listed, but for the code. */
  #listed(repository: Repository, taken: readonly DatasetDefinition[]): ListedItem[] {
    this.#know(repository);
    // What cannot be read is not chosen either: it fails, and is seen.
    const skipped = repository.problem === undefined ? this.#selection.reasonToSkip(repository) : undefined;
    const reason = skipped ?? (taken.includes(code) ? undefined : 'code is not among the datasets');
    const parts =
      skipped === undefined && repository.problem === undefined
        ? taken.filter((one) => one !== code && one.isOf(repository))
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

  #transportTo(item: ManifestItem, ending: '.git' | '.wiki.git'): Transport {
    return new HttpTransport(this.#addressOf(item, ending), this.#http, (at, refused) => this.#authorize(at, refused));
  }

  #transportToGist({ name }: ManifestItem, gist: string): Transport {
    if (!/^[\w-]+$/.test(gist)) throw new HoldfastError('SourceMissing', `${name} is not a gist at GitHub`);
    const url = new URL(`${this.#addresses.gists}${gist}.git`);
    return new HttpTransport(url, this.#http, (at, refused) => this.#authorize(at, refused));
  }

  /** @param ending of the address: of the repository or of its wiki */
  #addressOf(item: ManifestItem, ending: '.git' | '.wiki.git'): URL {
    const { repository } = partsOf(item);
    const problem = this.#problems.get(repository);
    if (problem !== undefined) throw unusable(item, problem);
    const url = new URL(this.#cloneUrls.get(repository) ?? this.#derivedCloneUrl(item));
    url.pathname = url.pathname.replace(/(?:\.git)?$/, ending);
    return url;
  }

  /** For items of an inventory that another process made, which knows no addresses. */
  #derivedCloneUrl(item: ManifestItem): URL {
    const { path, name } = item;
    const names = partsOf(item).dataset === code.name ? path : path.slice(0, -1);
    const [owner, repository, ...rest] = names.map(encodeURIComponent);
    if (path[0] === '') throw unusable({ name }, 'its description by GitHub does not follow the API');
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

/** Which of some datasets are taken, and what is said of those that are out of reach. */
type TakeDatasets = <Dataset extends AnyDataset>(all: readonly Dataset[]) => { taken: Dataset[]; untaken: string[] };

function nameOf({ app_slug: app, account, repository_selection: selection }: Installation): string {
  const which = selection === 'all' ? 'all repositories' : 'selected repositories';
  return `the GitHub App ${app} is installed for ${account.login}, for ${which}`;
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
