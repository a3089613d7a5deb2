import type { Authorize } from '#core/git/http-transport.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { gitHubAddresses, isTrusted, type GitHubAddresses } from '#core/sources/github/addresses.ts';
import { wiki } from '#core/sources/github/datasets/wiki.ts';
import { creationLimits, RepositoryMaker } from '#core/sources/github/repository-maker.ts';
import { Credential } from '#core/sources/hosting/credential.ts';
import { gitAuthorization, refusedToken } from '#core/sources/hosting/git-authorization.ts';
import type { Context } from '../../context.ts';
import { gitHubCredential, namedSecret } from '../../open-github.ts';
import { indexingMs, type Target, type TargetFlags } from '../../open-target.ts';
import type { Chosen } from '../plan.ts';
import { flatName } from './names.ts';
import type { Place, Places, Standing, Transfer, Transferred } from './place.ts';
import { pushTo, standingAt } from './server-place.ts';
import { setByHand } from './urls.ts';

/** GitHub asks for no longer silence than until its limits of an hour begin anew. */
const apiRetry = { attempts: 5, firstWaitMs: 1_000, longestWaitMs: 3_700_000 };

/** The repositories of a user or organisation at GitHub, made private. */
export class GitHubRepositories implements Places {
  readonly name: string;
  readonly creation = creationLimits;

  readonly #context: Context;
  readonly #owner: string;
  readonly #addresses: GitHubAddresses;
  readonly #maker: RepositoryMaker;
  readonly #http: HttpClient;
  readonly #authorize: Authorize;
  readonly lacks: readonly string[];
  readonly notes: readonly string[];

  private constructor(
    context: Context,
    owner: string,
    addresses: GitHubAddresses,
    maker: RepositoryMaker,
    http: HttpClient,
    authorize: Authorize,
    lacks: readonly string[],
    notes: readonly string[],
  ) {
    this.#context = context;
    this.#owner = owner;
    this.#addresses = addresses;
    this.#maker = maker;
    this.#http = http;
    this.#authorize = authorize;
    this.lacks = lacks;
    this.notes = notes;
    this.name = `${addresses.host}/${owner}`;
  }

  /** @throws {HoldfastError} where the credential cannot make repositories there */
  static async open(context: Context, owner: string, flags: TargetFlags): Promise<GitHubRepositories> {
    const { signal, output } = context;
    const secret = await namedSecret(flags);
    const addresses = gitHubAddresses(flags.apiUrl ?? secret?.apiUrl);
    const http = new HttpClient({ stallMs: Math.max(flags.stallSeconds * 1000, indexingMs), signal });
    const given = gitHubCredential(context, flags, { http, owner, secret });
    const credential = new Credential(given.token);
    const maker = new RepositoryMaker({
      http,
      addresses,
      credential,
      app: given.app,
      owner,
      retry: apiRetry,
      signal,
      onRetry: (error) => output.line(`GitHub: ${error.message}; trying again`),
    });
    const authorize: Authorize = async (at, refused) => {
      if (!isTrusted(addresses, at)) return undefined;
      const old = refused === undefined ? undefined : refusedToken(refused);
      const token = await (old === undefined ? credential.token() : credential.renewed(old));
      return token === undefined ? undefined : gitAuthorization(token);
    };
    try {
      const { lacks, notes } = await maker.lacks();
      const actions = 'GitHub Actions are switched off in what is made, so that nothing runs by itself';
      return new GitHubRepositories(context, owner, addresses, maker, http, authorize, lacks, [...notes, actions]);
    } catch (error) {
      maker.close();
      http.close();
      throw error;
    }
  }

  refuses({ address, source, below }: Chosen, { refs }: RepositoryContent): ReturnType<Places['refuses']> {
    const name = source === 'github' ? (address.split('/')[2] ?? '') : (below.at(-1) ?? '').replace(/\.wiki$/, '');
    const isWiki = source === 'github' ? address.split('/')[3] === wiki.name : address.endsWith('.wiki');
    if (!isWiki) return undefined;
    if (refs.size === 0) return { message: 'the wiki had no page' };
    return {
      message: 'GitHub makes a wiki only with its first page',
      advice: `Write one by hand, then: holdfast restore ${address} --to ${this.#addresses.webOrigin}/${this.#owner}/${name}.wiki.git --overwrite 'refs/heads/*'`,
    };
  }

  place(item: Chosen): Place {
    const name = flatName(item);
    // What GitHub would turn into another name: https://docs.github.com/en/rest/repos/repos#create-an-organization-repository
    if (!/^[\w.-]{1,100}$/.test(name))
      throw new HoldfastError('SourceUnsupported', `${JSON.stringify(name)} is not a name for a repository at GitHub`);
    const url = new URL(
      `${this.#addresses.webOrigin}/${encodeURIComponent(this.#owner)}/${encodeURIComponent(name)}.git`,
    );
    const target: Target = {
      transport: new HttpTransport(url, this.#http, this.#authorize),
      hidden: ['refs/pull/*'],
      needsLength: false,
      atGitHub: true,
      close: () => undefined,
    };
    return new GitHubPlace(this.#context, this.#maker, name, target);
  }

  close(): void {
    this.#maker.close();
    this.#http.close();
  }
}

class GitHubPlace implements Place {
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
