import { join } from 'node:path';
import type { GitHubApp } from './app.ts';
import { copyRepository, createRepository, type RepositoryShape } from '../repositories.ts';
import type { ApiAnswer } from './api-answer.ts';
import { AccountContent, type Gist } from './records/account-content.ts';
import { RepositoryContent } from './records/content.ts';

export interface AccountOptions {
  login: string;
  /** Default `User`. */
  type?: 'User' | 'Organization';
  /** Logins that see and push to all repositories of an organization. */
  members?: readonly string[];
}

export interface Account {
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
  /** Whether discussions are switched on. */
  hasDiscussions: boolean;
  /** Whether GitHub Actions run there. */
  actions: boolean;
  defaultBranch: string;
  /** In KB. */
  size: number;
  /** Logins with access besides the owner and the members of its organization. */
  collaborators: readonly string[];
  createdAt: Date;
  updatedAt: Date;
  /** Moves on with each push over Git; code that changes the repository on disk sets it. */
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

export interface GitHubStateOptions {
  /** An empty folder for the repositories. */
  root: string;
  accounts: readonly AccountOptions[];
  /** Token → login of its user. */
  tokens?: Readonly<Record<string, string>>;
}

/** The accounts, repositories, tokens and limits behind the server, and the knobs to change them. */
export class GitHubState {
  readonly root: string;
  /** The GitHub App that clients may be; undefined: there is none. */
  app: GitHubApp | undefined;
  /** Where the API is; the server sets it. */
  apiBase = 'https://api.github.com';
  readonly accounts: readonly Account[];
  /** How listings are paged; a test sets `repeatPage(2)`, `dropPage(2)` or a function of its own. */
  changePages: PageChange = (pages) => pages;
  /** What classic tokens may, as GitHub says it: `repo, read:org`. One without an entry is of another sort. */
  readonly scopes = new Map<string, string>();
  readonly #repositories: (GitHubRepository & { fullName: string })[] = [];
  readonly #formerNames = new Map<string, GitHubRepository>();
  readonly #tokens = new Map<string, string>();
  readonly #limits = new Map<string, RateLimit>();
  readonly #contents = new Map<number, RepositoryContent>();
  readonly #accountContents = new Map<string, AccountContent>();
  /** Whether the token lacks the scope for projects. */
  refusesProjects = false;
  /** Answers instead of the endpoint, by a path below a repository: a right that is lacking, a switch that is off. */
  readonly refusals = new Map<string, ApiAnswer>();
  /** Called after a list or a document below a repository is given, by its path: what changes meanwhile. */
  changeRecords: ((path: string) => void) | undefined;
  /** What texts refer to, by its path below the web pages: `/user-attachments/assets/1`. */
  readonly attachments = new Map<string, { content: Buffer; sent?: Buffer; isPrivate?: boolean; sendsTo?: string }>();
  /** What clients made or changed of records, oldest first: `POST /repos/acme/web/issues`. */
  readonly made: string[] = [];
  /** How many more things may be made before GitHub asks for a second's silence, and after it; undefined: any number. */
  creationsLeft: number | undefined;
  creationsLater = 0;
  /** As in private repositories of the smallest plan. */
  refusesDrafts = false;
  /** What GitHub gives for cloning along with a private repository. */
  temporaryCloneToken: string | undefined;
  /** Beyond so many pages GitHub gives no more of a list. */
  lastPage = 400;
  /** Answers a query in GraphQL's place. */
  faultOfQuery: ((query: string, variables: Readonly<Record<string, unknown>>) => ApiAnswer | undefined) | undefined;
  #nextId = 1001;

  constructor({ root, accounts, tokens = {} }: GitHubStateOptions) {
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
    return this.#tokens.get(token) ?? this.app?.holderOf(token);
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

  /** What a repository holds beside its code. */
  contentOf({ id, fullName }: GitHubRepository): RepositoryContent {
    const known = this.#contents.get(id) ?? new RepositoryContent(`${this.apiBase}/repos/${fullName}`);
    this.#contents.set(id, known);
    return known;
  }

  /** As a repository that was made just now, which never had a number. */
  emptyContentOf({ id }: GitHubRepository): void {
    this.#contents.delete(id);
  }

  /** What an account has beside its repositories. */
  accountContent(login: string): AccountContent {
    const known = this.#accountContents.get(login) ?? new AccountContent();
    this.#accountContents.set(login, known);
    return known;
  }

  accountContents(): Iterable<AccountContent> {
    return this.#accountContents.values();
  }

  /** A gist, and the Git repository that it is. */
  async addGist(login: string, name: string, more: Partial<Gist> = {}): Promise<Gist> {
    await createRepository(join(this.root, `gist-${name}.git`), { seed: name, commits: 1 });
    return this.accountContent(login).gist(name, more);
  }

  contents(): Iterable<RepositoryContent> {
    return this.#contents.values();
  }

  /** How a user is related to a repository; undefined for a stranger. */
  affiliation(
    login: string | undefined,
    repository: GitHubRepository,
  ): 'owner' | 'collaborator' | 'organization_member' | undefined {
    if (login === undefined) return undefined;
    const owner = this.ownerOf(repository);
    if (this.app?.reaches(login, owner.login, repository.fullName)) return 'organization_member';
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
      hasDiscussions: false,
      actions: true,
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
