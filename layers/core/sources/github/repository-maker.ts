import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import type { Credential } from '../hosting/credential.ts';
import type { GitHubApp } from './app/github-app.ts';
import type { GitHubWriter } from './github-writer.ts';

const accountSchema = v.object({ login: v.string(), type: v.optional(v.string(), 'User') });

const repositorySchema = v.object({
  private: v.boolean(),
  default_branch: v.nullish(v.string()),
});

/** A repository that is there. */
export interface PresentRepository {
  private: boolean;
  defaultBranch: string | undefined;
}

export interface RepositoryMakerOptions {
  /** Left open by the maker. */
  writer: GitHubWriter;
  credential: Credential;
  /** Where the token is that of an app. */
  app?: Pick<GitHubApp, 'installation'> | undefined;
  /** The user or organisation that gets the repositories. */
  owner: string;
}

/** Makes repositories at GitHub: private, empty, and with GitHub Actions off, so that what is pushed starts nothing. */
export class RepositoryMaker {
  readonly #options: RepositoryMakerOptions;
  readonly #writer: GitHubWriter;
  #account: Promise<{ login: string; type: string }> | undefined;

  constructor(options: RepositoryMakerOptions) {
    this.#options = options;
    this.#writer = options.writer;
  }

  /**
   * What the credential is known to lack, for people. Fine-grained tokens do not tell what they may.
   * @throws {HoldfastError} SourceMissing where there is no such owner; AccessDenied where it is another user
   */
  async lacks(): Promise<{ lacks: string[]; notes: string[] }> {
    const { app, owner, credential } = this.#options;
    if ((await credential.token()) === undefined)
      throw new HoldfastError('AccessDenied', `making repositories of ${owner} needs a token`, {
        advice: 'Set GITHUB_TOKEN, or give --token-file or --secret.',
      });
    const { type } = await this.#owner();
    if (app) {
      const { permissions } = await app.installation();
      const missing = ['administration', 'contents', 'workflows'].filter((name) => permissions[name] !== 'write');
      return { lacks: missing.map((name) => `the app lacks the permission ${name} (write)`), notes: [] };
    }
    const { headers, data } = await this.#writer.read('/user', "the token's own account", accountSchema);
    if (type === 'User' && data.login.toLowerCase() !== owner.toLowerCase())
      throw new HoldfastError('AccessDenied', `the token is ${data.login}'s, and ${owner} is another user`, {
        advice: `Give a token of ${owner}, or restore to an organisation.`,
      });
    const scopes = headers['x-oauth-scopes'];
    if (typeof scopes !== 'string')
      return {
        lacks: [],
        notes: ['the token does not tell what it may: it needs Administration, Contents and Workflows, each to write'],
      };
    const given = scopes.split(/, */);
    const missing = ['repo', 'workflow'].filter((scope) => !given.includes(scope));
    return { lacks: missing.map((scope) => `the token lacks the scope ${scope}`), notes: [] };
  }

  /** The repository of this name; undefined where there is none, or only one that was renamed and leads elsewhere. */
  async find(name: string): Promise<PresentRepository | undefined> {
    const { owner } = this.#options;
    try {
      const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
      const { data, status } = await this.#writer.read(path, `the repository ${owner}/${name}`, v.unknown());
      if (status !== 200) return undefined;
      const found = parse(repositorySchema, data, `the answer of GitHub for ${owner}/${name}`, 'ProtocolViolation');
      return { private: found.private, defaultBranch: found.default_branch ?? undefined };
    } catch (error) {
      if (hasCode(error, 'SourceMissing')) return undefined;
      throw error;
    }
  }

  /** Makes an empty, private repository. @throws {HoldfastError} AlreadyExists */
  async make(name: string): Promise<void> {
    const { owner } = this.#options;
    const { type } = await this.#owner();
    const path = type === 'Organization' ? `/orgs/${encodeURIComponent(owner)}/repos` : '/user/repos';
    const content = { name, private: true, auto_init: false };
    await this.#writer.create(path, `making the repository ${owner}/${name}`, v.unknown(), content, () =>
      this.find(name),
    );
  }

  /** Keeps workflows from running by what is pushed. */
  async switchActionsOff(name: string): Promise<void> {
    const { owner } = this.#options;
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/actions/permissions`;
    const what = `switching GitHub Actions off in ${owner}/${name}`;
    await this.#writer.change('PUT', path, what, v.unknown(), { enabled: false });
  }

  async setDefaultBranch(name: string, branch: string): Promise<void> {
    const { owner } = this.#options;
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
    const what = `setting the default branch of ${owner}/${name}`;
    await this.#writer.change('PATCH', path, what, v.unknown(), { default_branch: branch });
  }

  async setVisibility(name: string, visibility: 'public' | 'private' | 'internal'): Promise<void> {
    const { owner } = this.#options;
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
    const what = `making ${owner}/${name} ${visibility}`;
    await this.#writer.change('PATCH', path, what, v.unknown(), { visibility });
  }

  #owner(): Promise<{ login: string; type: string }> {
    const { owner } = this.#options;
    this.#account ??= this.#writer
      .read(`/users/${encodeURIComponent(owner)}`, `the account ${owner}`, accountSchema)
      .then(({ data }) => data);
    return this.#account;
  }
}
