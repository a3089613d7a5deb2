import type { Authorize } from '#core/git/http-transport.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { gitHubAddresses, isTrusted, type GitHubAddresses } from '#core/sources/github/addresses.ts';
import { wiki } from '#core/sources/github/datasets/wiki.ts';
import { gitHubDefinition } from '#core/sources/github/index.ts';
import { creationLimits, GitHubWriter, type CreationLimits } from '#core/sources/github/github-writer.ts';
import { RepositoryMaker } from '#core/sources/github/repository-maker.ts';
import type { RestoreTarget } from '#core/sources/github/restore/target.ts';
import { Credential } from '#core/sources/hosting/credential.ts';
import { gitAuthorization, refusedToken } from '#core/sources/hosting/git-authorization.ts';
import type { LfsEndpoint } from '#core/sources/lfs.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { Context } from '../../context.ts';
import { gitHubCredential, namedSecret } from '../../open-github.ts';
import { indexingMs, type Target, type TargetFlags } from '../../open-target.ts';
import type { Chosen } from '../plan.ts';
import { flatName } from './names.ts';
import type { Place, Places, Standing, Transfer, Transferred } from './place.ts';
import { pushTo, standingAt } from './server-place.ts';
import { setByHand } from './urls.ts';

/** GitHub asks for no longer silence than until its limits of an hour begin again. */
const apiRetry = { attempts: 5, firstWaitMs: 1_000, longestWaitMs: 3_700_000 };

/** What an opened GitHub consists of. */
interface Opened {
  context: Context;
  owner: string;
  /** What the only repository is called there; undefined: each as it was. */
  repository: string | undefined;
  addresses: GitHubAddresses;
  writer: GitHubWriter;
  maker: RepositoryMaker;
  http: HttpClient;
  authorize: Authorize;
  creation: CreationLimits;
  lacks: readonly string[];
  notes: readonly string[];
}

/** The repositories of a user or organisation at GitHub, made private. */
export class GitHubRepositories implements Places {
  readonly #opened: Opened;

  private constructor(opened: Opened) {
    this.#opened = opened;
  }

  /** @throws {HoldfastError} where the credential cannot make repositories there */
  static async open(
    context: Context,
    { owner, repository }: { owner: string; repository?: string | undefined },
    flags: TargetFlags & Partial<Pick<RestoreFlags, 'creationsPerMinute'>>,
  ): Promise<GitHubRepositories> {
    const { signal, output } = context;
    const secret = await namedSecret(flags);
    const addresses = gitHubAddresses(flags.apiUrl ?? secret?.apiUrl);
    const http = new HttpClient({ stallMs: Math.max(flags.stallSeconds * 1000, indexingMs), signal });
    const given = gitHubCredential(context, flags, { http, owner, secret });
    const credential = new Credential(given.token);
    const creation =
      flags.creationsPerMinute === undefined
        ? creationLimits
        : { perMinute: flags.creationsPerMinute, perHour: 60 * flags.creationsPerMinute };
    const writer = new GitHubWriter({
      http,
      addresses,
      credential,
      retry: apiRetry,
      creation,
      signal,
      onRetry: (error) => output.line(`GitHub: ${error.message}; trying again`),
    });
    const maker = new RepositoryMaker({ writer, credential, app: given.app, owner });
    const authorize: Authorize = async (at, refused) => {
      if (!isTrusted(addresses, at)) return undefined;
      const old = refused === undefined ? undefined : refusedToken(refused);
      const token = await (old === undefined ? credential.token() : credential.renewed(old));
      return token === undefined ? undefined : gitAuthorization(token);
    };
    try {
      const { lacks, notes: known } = await maker.lacks();
      const actions = 'GitHub Actions are switched off in what is made, so that nothing runs by itself';
      const notes = [...known, actions];
      const opened = { context, owner, repository, addresses, writer, maker, http, authorize, creation, lacks, notes };
      return new GitHubRepositories(opened);
    } catch (error) {
      writer.close();
      http.close();
      throw error;
    }
  }

  get name(): string {
    return `${this.#opened.addresses.host}/${this.#opened.owner}`;
  }

  get creation(): CreationLimits {
    return this.#opened.creation;
  }

  get lacks(): readonly string[] {
    return this.#opened.lacks;
  }

  get notes(): readonly string[] {
    return this.#opened.notes;
  }

  get maker(): RepositoryMaker {
    return this.#opened.maker;
  }

  refuses({ address, source, below }: Chosen, { refs }: RepositoryContent): ReturnType<Places['refuses']> {
    const isOurs = source === gitHubDefinition.name;
    const name = isOurs ? (address.split('/')[2] ?? '') : (below.at(-1) ?? '').replace(/\.wiki$/, '');
    const isWiki = isOurs ? address.split('/')[3] === wiki.name : address.endsWith('.wiki');
    if (!isWiki) return undefined;
    if (refs.size === 0) return { message: 'the wiki had no page' };
    return {
      message: 'GitHub makes a wiki only with its first page',
      advice: `Write one by hand, then: holdfast restore ${address} --to ${this.#url(this.#opened.repository ?? name, '.wiki.git').href} --overwrite 'refs/heads/*'`,
    };
  }

  /** What a repository is called there. @throws {HoldfastError} SourceUnsupported */
  nameFor(item: Pick<Chosen, 'below'>): string {
    const name = this.#opened.repository ?? flatName(item);
    // What GitHub would turn into another name: https://docs.github.com/en/rest/repos/repos#create-an-organization-repository
    if (!/^[\w.-]{1,100}$/.test(name) || /^\.{1,2}$/.test(name))
      throw new HoldfastError('SourceUnsupported', `${JSON.stringify(name)} is not a name for a repository at GitHub`);
    return name;
  }

  place(item: Pick<Chosen, 'below'>): GitHubPlace {
    const name = this.nameFor(item);
    return new GitHubPlace(this.#opened.context, this.#opened.maker, name, this.#target(this.#url(name, '.git')));
  }

  /** The wiki of a repository there. */
  wikiOf(name: string): Target {
    return this.#target(this.#url(name, '.wiki.git'));
  }

  /** Where the objects of Git LFS of a repository there go. */
  objectsOf(name: string): LfsEndpoint {
    const { http, authorize } = this.#opened;
    return { http, repository: this.#url(name, '.git'), authorize };
  }

  /** Where records of a repository go. @param isOurs whether this restore made the repository */
  recordsOf(repository: string, isOurs: boolean): RestoreTarget {
    const { writer, owner } = this.#opened;
    return { writer, owner, repository, isOurs };
  }

  close(): void {
    this.#opened.writer.close();
    this.#opened.http.close();
  }

  #url(name: string, ending: '.git' | '.wiki.git'): URL {
    const { addresses, owner } = this.#opened;
    return new URL(`${addresses.webOrigin}/${encodeURIComponent(owner)}/${encodeURIComponent(name)}${ending}`);
  }

  #target(url: URL): Target {
    const { http, authorize } = this.#opened;
    return {
      transport: new HttpTransport(url, http, authorize),
      hidden: ['refs/pull/*'],
      needsLength: false,
      atGitHub: true,
      close: () => undefined,
    };
  }
}

export class GitHubPlace implements Place {
  readonly name: string;

  readonly #context: Context;
  readonly #maker: RepositoryMaker;
  readonly #repository: string;
  readonly #target: Target;

  constructor(context: Context, maker: RepositoryMaker, repository: string, target: Target) {
    this.#context = context;
    this.#maker = maker;
    this.#repository = repository;
    this.#target = target;
    this.name = target.transport.address;
  }

  async look(): Promise<Standing | undefined> {
    const found = await this.#maker.find(this.#repository);
    if (!found) return undefined;
    const standing = await standingAt(this.#target);
    return { refs: standing?.refs ?? new Map<string, string>(), hidden: this.#target.hidden, public: !found.private };
  }

  /** By what its repository can be read and set. */
  get repository(): string {
    return this.#repository;
  }

  async make(): Promise<string[]> {
    await this.#maker.make(this.#repository).catch((error: unknown) => {
      // An answer that was lost on its way makes the next attempt meet its own success: what is there is looked at.
      if (!hasCode(error, 'AlreadyExists')) throw error;
    });
    return this.#note(this.#maker.switchActionsOff(this.#repository), 'GitHub Actions could not be switched off');
  }

  async restore(content: RepositoryContent, transfer: Transfer): Promise<Transferred> {
    const { leftOut, refused, defaultBranch } = await pushTo(this.#context.vault, this.#target, content, transfer);
    if (defaultBranch === undefined || !content.refs.has(defaultBranch)) return { leftOut, refused, notes: [] };
    const branch = defaultBranch.replace('refs/heads/', '');
    const notes = await this.#note(this.#maker.setDefaultBranch(this.#repository, branch), setByHand(branch));
    return { leftOut, refused, notes };
  }

  /** What fails beside the content costs a note. */
  async #note(step: Promise<void>, problem: string): Promise<string[]> {
    try {
      await step;
      return [];
    } catch (error) {
      return [`${problem}: ${messageOf(error)}`];
    }
  }
}
