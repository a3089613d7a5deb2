/**
 * A stand-in for GitHub: the REST endpoints by which clients find repositories, under `/` and `/api/v3/`, and
 * the repositories themselves over Git at `/{owner}/{name}.git`, all on one server. A test can change
 * accounts, repositories, tokens and limits while clients are at work.
 */
import { createHash, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Fault, failWith, faultyAnswer, faultyBody, type When } from './git-faults.ts';
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
    this.#claimName(fullName);
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
    this.#repositories.push(repository);
    if (template === undefined) await createRepository(path, { seed: fullName, ...shape });
    else await copyRepository(template, path, `# ${fullName} (${id})\n`);
    if (wiki) await createRepository(join(this.root, `${id}.wiki.git`), wiki);
    return repository;
  }

  /** Renames, or with another owner transfers; the old name redirects until another repository takes it. */
  rename(repository: GitHubRepository, fullName: string): void {
    const known = this.#known(repository);
    this.#formerNames.set(known.fullName.toLowerCase(), known);
    this.#claimName(fullName, known);
    known.fullName = fullName;
  }

  delete(repository: GitHubRepository): void {
    this.#repositories.splice(this.#repositories.indexOf(this.#known(repository)), 1);
  }

  /** Puts another repository, with an id of its own, in the place of one. */
  replace(repository: GitHubRepository, options: RepositoryOptions = {}): Promise<GitHubRepository> {
    this.delete(repository);
    return this.addRepository(repository.fullName, options);
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

  /** The repository of a name that it has now or had before. Names differ by more than case. */
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
