/**
 * A stand-in for GitHub: the REST endpoints by which clients find repositories, under `/` and `/api/v3/`, and
 * the repositories themselves over Git at `/{owner}/{name}.git`, all on one server. A test can change
 * accounts, repositories, tokens and limits while clients are at work.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { failWith, faultyAnswer, faultyBody, type Fault, type When } from './git-faults.ts';
import {
  answerWith,
  createGitHandler,
  credentials,
  isGitRequest,
  listen,
  record,
  sendBody,
  type Access,
  type Decision,
  type Listening,
  type RecordedRequest,
  type Tls,
} from './git-server.ts';
import { copyRepository, createRepository, type RepositoryShape } from './repositories.ts';

export interface AccountOptions {
  login: string;
  /** Default `User`. */
  type?: 'User' | 'Organization';
  /** Logins that see and push to all repositories of an organization. */
  members?: readonly string[];
}

export interface GitHubOptions {
  /** An empty folder for the repositories. */
  root: string;
  accounts: readonly AccountOptions[];
  /** Token → login of its user. */
  tokens?: Readonly<Record<string, string>>;
  tls?: Tls;
}

interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Organization';
  readonly members: readonly string[];
}

/**
 * What a client meets at a repository that is listed: `disabled` 403 on Git, `dmca` 451 on Git and REST,
 * `vanished` 404 on Git and REST.
 */
export type RepositoryState = 'normal' | 'disabled' | 'dmca' | 'vanished';

/** A repository; a test may change what is not readonly, and rename it with `GitHub.rename`. */
export interface GitHubRepository {
  readonly id: number;
  /** The bare repository on disk. */
  readonly path: string;
  readonly fullName: string;
  state: RepositoryState;
  private: boolean;
  fork: boolean;
  archived: boolean;
  /** As at GitHub true by default, also where no wiki was ever written. */
  hasWiki: boolean;
  defaultBranch: string;
  /** In KB. */
  size: number;
  /** Logins with access besides the owner and the members of its organization. */
  collaborators: readonly string[];
  createdAt: Date;
  updatedAt: Date;
  /** Moves on with each push over Git; whoever changes the repository on disk sets it. */
  pushedAt: Date;
}

export interface RepositoryOptions extends Partial<Omit<GitHubRepository, 'id' | 'path' | 'fullName'>> {
  /** What the repository holds; `{ commits: 0 }` for an empty one. */
  shape?: RepositoryShape;
  /** A repository to copy instead of making one; the copy gets a commit of its own. */
  template?: string;
  /** What its wiki holds; without it there is none, whatever `hasWiki` says. */
  wiki?: RepositoryShape;
}

/** The primary rate limit of one token. */
export interface RateLimit {
  limit: number;
  used: number;
  /** When `used` falls back to 0, in seconds since the epoch. */
  reset: number;
  /** How the server answers beyond the limit. */
  status: 403 | 429;
}

/** Rearranges the pages of a listing. */
export type PageChange = <Entry>(pages: Entry[][]) => Entry[][];

/** Page `number` (from 1) comes twice, the pages behind it one later. */
export function repeatPage(number: number): PageChange {
  return (pages) => pages.flatMap((page, index) => (index === number - 1 ? [page, page] : [page]));
}

/** Page `number` (from 1) is missing, the pages behind it come one earlier. */
export function dropPage(number: number): PageChange {
  return (pages) => pages.filter((_, index) => index !== number - 1);
}

const documentation = 'https://docs.github.com/rest';
const rateLimitDocumentation = `${documentation}/overview/rate-limits-for-the-rest-api`;

/** The answer to a client that asks too fast. */
export function secondaryLimit(
  { retryAfter, status = 403 }: { retryAfter: number; status?: 403 | 429 },
  when: When = { on: 'api' },
): Fault {
  const message =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. ' +
    'If you reach out to GitHub Support for help, please include the request ID.';
  const documentation_url = `${rateLimitDocumentation}#about-secondary-rate-limits`;
  const body = JSON.stringify({ documentation_url, message });
  return failWith({ status, retryAfter, headers: { 'content-type': 'application/json; charset=utf-8' }, body }, when);
}

export type GitHub = GitHubState &
  Listening & {
    /** Base of the API as GitHub Enterprise has it; github.com's form is `url` itself. */
    apiUrl: string;
    /** The REST requests so far, oldest first, their paths without `/api/v3`. */
    requests: RecordedRequest[];
    /** The Git requests so far, oldest first. */
    gitRequests: RecordedRequest[];
    /** Faults of both; for REST use `on: 'api'`. */
    faults: Fault[];
  };

/** Starts the stand-in on a free port of 127.0.0.1. */
export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const state = new GitHubState(options);
  const git = await createGitHandler({
    root: options.root,
    config: { 'receive.hideRefs': 'refs/pull', 'uploadpack.allowFilter': 'true' },
    authorize: (access) => gitDecision(state, access),
    locate: (name) => {
      const { repository, wiki } = parseGitName(state, name);
      return repository && `${repository.id}${wiki ? '.wiki' : ''}.git`;
    },
    intercept: (request, response) => redirectGit(state, listening.url, request, response),
  });
  const requests: RecordedRequest[] = [];
  const listening = await listen(async (incoming, response) => {
    if (isGitRequest(incoming)) return git.handle(incoming, response);
    const prefix = '/api/v3';
    const path = incoming.url ?? '/';
    const base = path.startsWith(`${prefix}/`) ? listening.url + prefix : listening.url;
    incoming.url = base === listening.url ? path : path.slice(prefix.length);
    const request = record(incoming, response, 'api', Buffer.alloc(0));
    requests.push(request);
    await answerApi({ state, origin: listening.url, base, faults: git.faults, request, response });
  }, options.tls);
  const close = async () => {
    await listening.close();
    await git.idle();
  };
  const apiUrl = `${listening.url}/api/v3`;
  return Object.assign(state, { ...listening, close, apiUrl, requests, gitRequests: git.requests, faults: git.faults });
}

export interface SeedOptions {
  owner: string;
  repositories: number;
  /** Every which repository is private. Default: none. */
  privateEvery?: number;
  /** What the templates hold; the second has twice as many commits as the first, and so on. */
  shape?: RepositoryShape;
}

/** Makes many small repositories with distinct content, `repository-0001` and so on, in little time. */
export async function seedGitHub(github: GitHubState, options: SeedOptions): Promise<GitHubRepository[]> {
  const { owner, repositories, privateEvery = Infinity, shape = { tags: ['v1'] } } = options;
  const templates = await Promise.all(
    [1, 2, 3].map((factor) => {
      const path = join(github.root, 'templates', `${randomUUID()}.git`);
      return createRepository(path, { ...shape, commits: (shape.commits ?? 2) * factor });
    }),
  );
  const numbers = Array.from({ length: repositories }, (_, index) => index + 1);
  return Promise.all(
    numbers.map((number) => {
      const template = templates[number % templates.length]!;
      const name = `repository-${String(number).padStart(4, '0')}`;
      return github.addRepository(`${owner}/${name}`, { template, private: number % privateEvery === 0 });
    }),
  );
}

/** The accounts, repositories, tokens and limits behind the server, and the knobs to change them. */
export class GitHubState {
  readonly root: string;
  readonly accounts: readonly Account[];
  /** How listings are paged; a test sets `repeatPage(2)`, `dropPage(2)` or a function of its own. */
  changePages: PageChange = (pages) => pages;
  readonly #repositories: (GitHubRepository & { fullName: string })[] = [];
  readonly #formerNames = new Map<string, GitHubRepository>();
  readonly #tokens = new Map<string, string>();
  readonly #limits = new Map<string, RateLimit>();
  #nextId = 1001;

  constructor({ root, accounts, tokens = {} }: GitHubOptions) {
    this.root = root;
    this.accounts = accounts.map(({ login, type = 'User', members = [] }, index) => {
      return { id: 101 + index, login, type, members };
    });
    for (const [token, login] of Object.entries(tokens)) this.addToken(token, login);
  }

  /** All repositories that exist now. */
  get repositories(): readonly GitHubRepository[] {
    return this.#repositories;
  }

  async addRepository(fullName: string, options: RepositoryOptions = {}): Promise<GitHubRepository> {
    const repository = await this.#make(fullName, options);
    this.#claimName(fullName);
    this.#repositories.push(repository);
    return repository;
  }

  /** Renames, or with another owner transfers; the old name redirects until another repository takes it. */
  rename(repository: GitHubRepository, fullName: string): void {
    const known = this.#known(repository);
    this.#claimName(fullName, known);
    if (known.fullName.toLowerCase() !== fullName.toLowerCase()) {
      this.#formerNames.set(known.fullName.toLowerCase(), known);
    }
    known.fullName = fullName;
  }

  delete(repository: GitHubRepository): void {
    this.#repositories.splice(this.#repositories.indexOf(this.#known(repository)), 1);
  }

  /** Puts another repository, with an id of its own, in the place of one. */
  async replace(repository: GitHubRepository, options: RepositoryOptions = {}): Promise<GitHubRepository> {
    const next = await this.#make(repository.fullName, options);
    this.#repositories.splice(this.#repositories.indexOf(this.#known(repository)), 1, next);
    return next;
  }

  addToken(token: string, login: string): void {
    if (!this.findAccount(login)) throw new Error(`no account ${login}`);
    this.#tokens.set(token, login);
  }

  revokeToken(token: string): void {
    if (!this.#tokens.delete(token)) throw new Error('no such token');
  }

  /** Puts a new token in the place of one that is valid no longer. */
  rotateToken(token: string, next: string): void {
    const login = this.#tokens.get(token);
    this.revokeToken(token);
    if (login !== undefined) this.addToken(next, login);
  }

  /** The login behind a token. */
  userOf(token: string): string | undefined {
    return this.#tokens.get(token);
  }

  /** The limit of a token, '' for requests without one; change its fields at will. */
  rateLimit(token = ''): RateLimit {
    const now = Math.floor(Date.now() / 1000);
    const limit = this.#limits.get(token) ?? { limit: token === '' ? 60 : 5000, used: 0, reset: 0, status: 403 };
    this.#limits.set(token, limit);
    if (limit.reset === 0) limit.reset = now + 3600;
    if (limit.reset <= now) Object.assign(limit, { used: 0, reset: now + 3600 });
    return limit;
  }

  findAccount(login: string): Account | undefined {
    return this.accounts.find((account) => account.login.toLowerCase() === login.toLowerCase());
  }

  /** The account that owns a repository. */
  ownerOf(repository: GitHubRepository): Account {
    const owner = this.findAccount(repository.fullName.split('/')[0] ?? '');
    if (!owner) throw new Error(`${repository.fullName} has no owner`);
    return owner;
  }

  /** The repository of a name that it has now or had before. Case does not matter. */
  findRepository(fullName: string): GitHubRepository | undefined {
    const key = fullName.toLowerCase();
    const current = this.#repositories.find((repository) => repository.fullName.toLowerCase() === key);
    const former = this.#formerNames.get(key);
    return current ?? this.#repositories.find((repository) => repository === former);
  }

  /** How a user is related to a repository; undefined for a stranger. */
  affiliation(
    login: string | undefined,
    repository: GitHubRepository,
  ): 'owner' | 'collaborator' | 'organization_member' | undefined {
    if (login === undefined) return undefined;
    const owner = this.ownerOf(repository);
    if (owner.login === login) return 'owner';
    if (owner.members.includes(login)) return 'organization_member';
    return repository.collaborators.includes(login) ? 'collaborator' : undefined;
  }

  canRead(login: string | undefined, repository: GitHubRepository): boolean {
    return !repository.private || this.affiliation(login, repository) !== undefined;
  }

  /** Makes a repository that is not listed yet. */
  async #make(fullName: string, options: RepositoryOptions): Promise<GitHubRepository & { fullName: string }> {
    const { shape = {}, template, wiki, ...given } = options;
    const id = this.#nextId;
    this.#nextId += 1;
    const path = join(this.root, `${id}.git`);
    const createdAt = given.createdAt ?? new Date(Date.UTC(2024, 0, 1, 0, id));
    const repository = {
      id,
      path,
      fullName,
      state: 'normal' as const,
      private: false,
      fork: false,
      archived: false,
      hasWiki: true,
      defaultBranch: shape.defaultBranch ?? 'main',
      size: shape.commits === 0 ? 0 : 64,
      collaborators: [],
      createdAt,
      updatedAt: createdAt,
      pushedAt: createdAt,
      ...given,
    };
    if (template === undefined) await createRepository(path, { seed: fullName, ...shape });
    else await copyRepository(template, path, `# ${fullName} (${id})\n`);
    if (wiki) await createRepository(join(this.root, `${id}.wiki.git`), wiki);
    return repository;
  }

  #known(repository: GitHubRepository): GitHubRepository & { fullName: string } {
    const known = this.#repositories.find((candidate) => candidate === repository);
    if (!known) throw new Error(`${repository.fullName} does not exist`);
    return known;
  }

  #claimName(fullName: string, claimant?: GitHubRepository): void {
    if (!/^[^/]+\/[^/]+$/.test(fullName)) throw new Error(`${fullName} is not owner/name`);
    if (!this.findAccount(fullName.split('/')[0] ?? '')) throw new Error(`${fullName} has no owner`);
    const taken = this.#repositories.find((other) => other.fullName.toLowerCase() === fullName.toLowerCase());
    if (taken && taken !== claimant) throw new Error(`${fullName} exists`);
    this.#formerNames.delete(fullName.toLowerCase());
  }
}

/** What a REST endpoint says; objects and arrays become JSON. */
interface ApiAnswer {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

/** One REST request as its endpoint sees it. */
interface ApiCall {
  state: GitHubState;
  /** Where the web pages and Git are. */
  origin: string;
  /** Where the API is, in the form that the client chose. */
  base: string;
  /** Login of the token's user; undefined without a token. */
  viewer: string | undefined;
  token: string;
  query: URLSearchParams;
}

type Endpoint = (call: ApiCall, ...parts: string[]) => ApiAnswer;

const endpoints: readonly [pattern: RegExp, endpoint: Endpoint][] = [
  [/^\/rate_limit$/, rateLimitStatus],
  [/^\/user$/, authenticatedUser],
  [/^\/user\/repos$/, repositoriesOfViewer],
  [/^\/users\/([^/]+)$/, (call, login) => account(call, call.state.findAccount(login))],
  [/^\/users\/([^/]+)\/repos$/, (call, login) => repositoriesOfUser(call, call.state.findAccount(login))],
  [/^\/user\/(\d+)\/repos$/, (call, id) => repositoriesOfUser(call, accountById(call, id))],
  [/^\/orgs\/([^/]+)$/, (call, login) => account(call, organization(call.state.findAccount(login)))],
  [/^\/orgs\/([^/]+)\/repos$/, (call, login) => repositoriesOfOrganization(call, call.state.findAccount(login))],
  [/^\/organizations\/(\d+)\/repos$/, (call, id) => repositoriesOfOrganization(call, accountById(call, id))],
  [/^\/repos\/([^/]+)\/([^/]+)$/, repositoryByName],
  [/^\/repositories\/(\d+)$/, repositoryById],
];

async function answerApi(
  exchange: Pick<ApiCall, 'state' | 'origin' | 'base'> & {
    faults: readonly Fault[];
    request: RecordedRequest;
    response: ServerResponse;
  },
): Promise<void> {
  const { faults, request, response } = exchange;
  const fault = faultyAnswer(faults, request);
  if (fault) {
    request.faults = [fault.name];
    answerWith(response, fault.answer);
    return;
  }
  const { status, body, headers } = metered(exchange);
  const { names, change } = faultyBody(faults, request);
  request.faults = names;
  response.writeHead(status, {
    ...(status === 304 ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'x-github-request-id': randomUUID(),
    ...headers,
  });
  const bytes = Buffer.from(status === 304 || request.method === 'HEAD' ? '' : JSON.stringify(body));
  await sendBody(response, Readable.from(bytes.length > 0 ? [bytes] : []), change);
}

/** Authenticates a request, answers it, and counts it against the limit of its token. */
function metered({
  state,
  origin,
  base,
  request,
}: Pick<ApiCall, 'state' | 'origin' | 'base'> & { request: RecordedRequest }): ApiAnswer {
  const token = credentials(request.headers.authorization).secret;
  const viewer = state.userOf(token);
  if (request.hasAuthorization && viewer === undefined) return failure(401, 'Bad credentials');

  const limit = state.rateLimit(token);
  const free = request.path === '/rate_limit';
  if (!free && limit.used >= limit.limit) {
    const whose = viewer === undefined ? '127.0.0.1' : `user ID ${state.findAccount(viewer)?.id ?? 0}`;
    const body = { message: `API rate limit exceeded for ${whose}.`, documentation_url: rateLimitDocumentation };
    return { status: limit.status, body, headers: rateLimitHeaders(limit) };
  }
  const answer = route({ state, origin, base, viewer, token, query: request.query }, request);
  if (answer.status !== 200) {
    limit.used += 1;
    return { ...answer, headers: { ...answer.headers, ...rateLimitHeaders(limit) } };
  }
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`;
  const unchanged = request.headers['if-none-match']?.split(/, */).includes(etag) ?? false;
  if (!free && !unchanged) limit.used += 1;
  const headers = { ...answer.headers, etag, ...rateLimitHeaders(limit) };
  return { ...answer, status: unchanged ? 304 : 200, headers };
}

function route(call: ApiCall, { method, path }: RecordedRequest): ApiAnswer {
  if (method !== 'GET' && method !== 'HEAD') return failure(404, 'Not Found');
  for (const [pattern, endpoint] of endpoints) {
    const match = pattern.exec(path);
    if (match) return endpoint(call, ...match.slice(1));
  }
  return failure(404, 'Not Found');
}

function failure(status: number, message: string, more: object = {}): ApiAnswer {
  return { status, body: { message, documentation_url: documentation, status: String(status), ...more } };
}

function rateLimitHeaders({ limit, used, reset }: RateLimit): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(Math.max(0, limit - used)),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-resource': 'core',
  };
}

function rateLimitStatus({ state, token }: ApiCall): ApiAnswer {
  const { limit, used, reset } = state.rateLimit(token);
  const core = { limit, used, remaining: Math.max(0, limit - used), reset };
  return { status: 200, body: { resources: { core }, rate: core } };
}

function authenticatedUser(call: ApiCall): ApiAnswer {
  if (call.viewer === undefined) return failure(401, 'Requires authentication');
  return account(call, call.state.findAccount(call.viewer));
}

function account({ state, origin, base }: ApiCall, found: Account | undefined): ApiAnswer {
  if (!found) return failure(404, 'Not Found');
  const open = state.repositories.filter((one) => !one.private && state.ownerOf(one) === found).length;
  return { status: 200, body: { ...accountFields(found, origin, base), name: null, public_repos: open } };
}

function accountFields({ id, login, type }: Account, origin: string, base: string) {
  const node_id = Buffer.from(`0${type.length}:${type}${id}`).toString('base64');
  return {
    login,
    id,
    node_id,
    type,
    site_admin: false,
    url: `${base}/users/${login}`,
    html_url: `${origin}/${login}`,
    repos_url: `${base}/users/${login}/repos`,
  };
}

function accountById({ state }: ApiCall, id: string | undefined): Account | undefined {
  return state.accounts.find((one) => String(one.id) === id);
}

function organization(found: Account | undefined): Account | undefined {
  return found?.type === 'Organization' ? found : undefined;
}

function repositoriesOfViewer(call: ApiCall): ApiAnswer {
  const { state, viewer, query } = call;
  if (viewer === undefined) return failure(401, 'Requires authentication');
  const type = query.get('type');
  if (type !== null && (query.has('visibility') || query.has('affiliation'))) {
    return failure(422, 'If you specify visibility or affiliation, you cannot specify type.');
  }
  const affiliations = query.get('affiliation') ?? 'owner,collaborator,organization_member';
  const visibility = query.get('visibility') ?? type ?? 'all';
  const chosen = state.repositories.filter((one) => {
    const affiliation = state.affiliation(viewer, one);
    if (affiliation === undefined || !affiliations.split(',').includes(affiliation)) return false;
    if (type === 'owner' || type === 'member') return (type === 'owner') === (affiliation === 'owner');
    return visibility === 'all' || one.private === (visibility === 'private');
  });
  return listing(call, chosen, '/user/repos', 'full_name');
}

function repositoriesOfUser(call: ApiCall, owner: Account | undefined): ApiAnswer {
  if (!owner) return failure(404, 'Not Found');
  const type = call.query.get('type') ?? 'owner';
  const chosen = call.state.repositories.filter((one) => {
    const affiliation = call.state.ownerOf(one) === owner ? 'owner' : call.state.affiliation(owner.login, one);
    if (one.private || affiliation === undefined) return false;
    return type === 'all' || (type === 'member') === (affiliation !== 'owner');
  });
  return listing(call, chosen, `/user/${owner.id}/repos`, 'full_name');
}

function repositoriesOfOrganization(call: ApiCall, found: Account | undefined): ApiAnswer {
  const owner = organization(found);
  if (!owner) return failure(404, 'Not Found');
  const type = call.query.get('type') ?? 'all';
  const wanted: Record<string, (one: GitHubRepository) => boolean> = {
    public: (one) => !one.private,
    private: (one) => one.private,
    forks: (one) => one.fork,
    sources: (one) => !one.fork,
    member: (one) => call.state.affiliation(call.viewer, one) !== undefined,
  };
  const chosen = call.state.repositories
    .filter((one) => call.state.ownerOf(one) === owner && call.state.canRead(call.viewer, one))
    .filter(wanted[type] ?? (() => true));
  return listing(call, chosen, `/organizations/${owner.id}/repos`, 'created');
}

/** One page of repositories; the links lead to `path`, which names accounts by id as GitHub's do. */
function listing(call: ApiCall, chosen: GitHubRepository[], path: string, defaultSort: string): ApiAnswer {
  const { state, query, base } = call;
  const sort = query.get('sort') ?? defaultSort;
  const direction = query.get('direction') ?? (sort === 'full_name' ? 'asc' : 'desc');
  const keys: Record<string, (one: GitHubRepository) => number> = {
    created: (one) => one.createdAt.getTime(),
    updated: (one) => one.updatedAt.getTime(),
    pushed: (one) => one.pushedAt.getTime(),
  };
  const key = keys[sort];
  const order = (a: GitHubRepository, b: GitHubRepository) =>
    (key ? key(a) - key(b) : a.fullName.localeCompare(b.fullName)) || a.id - b.id;
  const sorted = chosen.toSorted(order);
  if (direction === 'desc') sorted.reverse();

  const perPage = Math.min(100, wholeNumber(query.get('per_page')) ?? 30);
  const number = wholeNumber(query.get('page')) ?? 1;
  const inOrder = Array.from({ length: Math.ceil(sorted.length / perPage) }, (_, index) =>
    sorted.slice(index * perPage, (index + 1) * perPage),
  );
  const pages = state.changePages(inOrder);
  const link = (page: number, rel: string) => {
    const target = new URL(base + path);
    for (const [name, value] of query) target.searchParams.set(name, value);
    target.searchParams.set('page', String(page));
    return `<${target.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < pages.length ? [link(number + 1, 'next'), link(pages.length, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ];
  const body = (pages[number - 1] ?? []).map((one) => repositoryFields(call, one));
  return { status: 200, body, headers: links.length > 0 ? { link: links.join(', ') } : {} };
}

function wholeNumber(text: string | null): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

function repositoryByName(call: ApiCall, owner = '', name = ''): ApiAnswer {
  const fullName = `${owner}/${name}`;
  const found = call.state.findRepository(fullName);
  if (!found || found.fullName.toLowerCase() === fullName.toLowerCase() || !call.state.canRead(call.viewer, found)) {
    return repository(call, found);
  }
  const url = `${call.base}/repositories/${found.id}`;
  const moved = { message: 'Moved Permanently', url, documentation_url: documentation };
  return { status: 301, body: moved, headers: { location: url } };
}

function repositoryById(call: ApiCall, id = ''): ApiAnswer {
  return repository(
    call,
    call.state.repositories.find((one) => String(one.id) === id),
  );
}

function repository(call: ApiCall, found: GitHubRepository | undefined): ApiAnswer {
  if (!found || found.state === 'vanished' || !call.state.canRead(call.viewer, found)) return failure(404, 'Not Found');
  if (found.state === 'dmca') {
    const html_url = 'https://github.com/github/dmca/blob/master/2024/01/2024-01-01-example.md';
    const block = { reason: 'dmca', created_at: timestamp(found.createdAt), html_url };
    return { status: 451, body: { message: 'Repository access blocked', block } };
  }
  return { status: 200, body: repositoryFields(call, found) };
}

function repositoryFields({ state, origin, base, viewer }: ApiCall, one: GitHubRepository) {
  const affiliation = state.affiliation(viewer, one);
  const [write, admin] = [affiliation !== undefined, affiliation === 'owner'];
  const permissions = { admin, maintain: admin, push: write, triage: write, pull: true };
  return {
    id: one.id,
    node_id: Buffer.from(`010:Repository${one.id}`).toString('base64'),
    name: one.fullName.split('/')[1],
    full_name: one.fullName,
    private: one.private,
    visibility: one.private ? 'private' : 'public',
    owner: accountFields(state.ownerOf(one), origin, base),
    html_url: `${origin}/${one.fullName}`,
    clone_url: `${origin}/${one.fullName}.git`,
    url: `${base}/repos/${one.fullName}`,
    description: null,
    fork: one.fork,
    archived: one.archived,
    disabled: one.state === 'disabled',
    is_template: false,
    size: one.size,
    default_branch: one.defaultBranch,
    language: null,
    topics: [],
    license: null,
    has_issues: true,
    has_wiki: one.hasWiki,
    has_pages: false,
    created_at: timestamp(one.createdAt),
    updated_at: timestamp(one.updatedAt),
    pushed_at: timestamp(one.pushedAt),
    ...(viewer === undefined ? {} : { permissions }),
  };
}

function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '');
}

/** The repository of a path in a Git URL, with or without `.git`, and whether its wiki is meant. */
function parseGitName(state: GitHubState, name: string): { repository: GitHubRepository | undefined; wiki: boolean } {
  const plain = name.replace(/\.git$/, '');
  const wiki = plain.endsWith('.wiki');
  return { repository: state.findRepository(wiki ? plain.slice(0, -'.wiki'.length) : plain), wiki };
}

/** The login behind a Git request; null if its credentials are no good. */
function gitViewer(state: GitHubState, { scheme, user, secret }: ReturnType<typeof credentials>) {
  if (scheme === 'none') return undefined;
  return state.userOf(secret) ?? state.userOf(user) ?? null;
}

function gitDecision(state: GitHubState, access: Access): Decision {
  const viewer = gitViewer(state, access);
  const { repository: found } = parseGitName(state, access.repository);
  const unauthorized = {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="GitHub"' },
    body: 'Invalid username or token.\n',
  };
  if (viewer === null) return unauthorized;
  if (!found || found.state === 'vanished' || !state.canRead(viewer, found)) {
    // Without credentials GitHub does not say whether there is such a repository.
    return viewer === undefined ? unauthorized : { status: 404, body: 'Repository not found.\n' };
  }
  if (found.state === 'dmca') return { status: 451, body: 'Repository unavailable due to DMCA takedown.\n' };
  if (found.state === 'disabled') {
    return { status: 403, body: 'Access to this repository has been disabled by GitHub staff.\n' };
  }
  if (!access.write) return true;
  if (viewer === undefined) return unauthorized;
  if (state.affiliation(viewer, found) === undefined) {
    return { status: 403, body: `Permission to ${found.fullName}.git denied to ${viewer}.\n` };
  }
  return !found.archived || { status: 403, body: 'This repository was archived so it is read-only.\n' };
}

/** Redirects a request under a former name; notes pushes to others. Returns whether it has answered. */
function redirectGit(state: GitHubState, origin: string, request: RecordedRequest, response: ServerResponse): boolean {
  const [, name = '', action = ''] = /^\/(.+)\/((?:info\/refs|git-[a-z]+-pack))$/.exec(request.path) ?? [];
  const { repository: found, wiki } = parseGitName(state, name);
  if (!found) return false;
  if (request.kind === 'receive-pack') {
    response.once('finish', () => {
      if (request.status === 200) found.pushedAt = new Date();
    });
  }
  const viewer = gitViewer(state, credentials(request.headers.authorization));
  const current = name.replace(/(\.wiki)?(\.git)?$/, '').toLowerCase() === found.fullName.toLowerCase();
  if (current || viewer === null || !state.canRead(viewer, found)) return false;
  const query = request.query.toString();
  const location = `${origin}/${found.fullName}${wiki ? '.wiki' : ''}.git/${action}${query && `?${query}`}`;
  answerWith(response, { status: 301, headers: { location } });
  return true;
}
