import type { Octokit } from '@octokit/rest';
import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { parse } from '#core/runtime/schema.ts';
import { userAgent } from '#core/runtime/version.ts';
import type { GitHubAddresses } from './addresses.ts';
import { apiError } from './api-error.ts';
import { apiFetch } from './api-fetch.ts';
import type { Credential } from '../hosting/credential.ts';
import { parseLinks, type PageLinks } from '../hosting/link-header.ts';
import { text, type AnswerHeaders } from '../hosting/rate-limit.ts';
import { parseEntry, repositorySchema, type Repository } from './repository.ts';
import { RequestBudget } from '../hosting/request-budget.ts';

/** The most that GitHub gives on one page. */
export const pageLength = 100;

const count = v.nullish(v.number());

/** https://docs.github.com/en/rest/users/users, https://docs.github.com/en/rest/orgs/orgs */
const accountSchema = v.object({
  id: v.number(),
  login: v.string(),
  type: v.optional(v.string(), 'User'),
  public_repos: count,
  /** Told only to those who may see them. */
  owned_private_repos: count,
});

export type Account = v.InferOutput<typeof accountSchema>;

/** The listings of repositories that GitHub has. */
export type Listing =
  | { of: 'viewer'; affiliation: string }
  | { of: 'user'; login: string; type: 'owner' | 'all' }
  | { of: 'organisation'; login: string }
  | { of: 'installation' };

/** Installations have their repositories one level deeper. */
const pageSchema = v.union([
  v.array(v.unknown()),
  v.pipe(
    v.object({ repositories: v.array(v.unknown()) }),
    v.transform(({ repositories }) => repositories),
  ),
]);

export interface RepositoryPage extends PageLinks {
  repositories: Repository[];
  /** Organisations by id that hide their repositories until the token is authorised for their single sign-on. */
  hiddenBySso: string[];
}

export interface GitHubApiOptions {
  http: HttpClient;
  addresses: GitHubAddresses;
  credential: Credential;
  requestsPerMinute: number;
  requestTimeoutMs: number;
  /** Also bounds how long GitHub may ask us to wait. */
  retry: RetryPolicy;
  signal: AbortSignal | undefined;
  onRetry: ((error: HoldfastError) => void) | undefined;
}

interface OctokitAnswer {
  data: unknown;
  headers: AnswerHeaders;
}

/**
 * The calls of GitHub's API that we need, all of them reading.
 *
 * Octokit's own plugins for limits and retries are not used: they know Retry-After only beside certain messages and
 * never on a 5xx, repeat what cannot succeed, wait without jitter, and cannot be interrupted while they wait.
 *
 * No conditional requests (ETag): they spare the primary limit only where an earlier answer was kept. No page is
 * asked for twice in one run, the next run starts with nothing kept, and the budget stays far below that limit.
 */
export class GitHubApi {
  readonly #options: GitHubApiOptions;
  readonly #budget: RequestBudget;
  #octokit: Promise<Octokit> | undefined;

  constructor(options: GitHubApiOptions) {
    this.#options = options;
    const { requestsPerMinute, retry, signal } = options;
    this.#budget = new RequestBudget({ requestsPerMinute, longestWaitMs: retry.longestWaitMs, signal });
  }

  /** The user to whom the token belongs. */
  async viewer(): Promise<Account> {
    const { data } = await this.#ask("the token's own account", accountSchema, ({ rest }) =>
      rest.users.getAuthenticated(),
    );
    return data;
  }

  /** The scopes of a classic token; undefined where the token is of another sort, which does not tell. */
  async scopes(): Promise<string[] | undefined> {
    const { headers } = await this.#ask("the token's own account", accountSchema, ({ rest }) =>
      rest.users.getAuthenticated(),
    );
    return text(headers['x-oauth-scopes'])
      ?.split(/, */)
      .filter((scope) => scope !== '');
  }

  async account(login: string): Promise<Account> {
    const { data } = await this.#ask(`the account ${login}`, accountSchema, ({ rest }) =>
      rest.users.getByUsername({ username: login }),
    );
    return data;
  }

  async organisation(login: string): Promise<Account> {
    const { data } = await this.#ask(`the organisation ${login}`, accountSchema, ({ rest }) =>
      rest.orgs.get({ org: login }),
    );
    return data;
  }

  /** One page of a listing, from 1; oldest first, so that what is created meanwhile comes last and shifts nothing. */
  async repositories(listing: Listing, page: number): Promise<RepositoryPage> {
    const order = { sort: 'created', direction: 'asc', per_page: pageLength, page } as const;
    const what = `page ${page} of the repositories`;
    const { data, headers } = await this.#ask(what, pageSchema, ({ rest }) => {
      switch (listing.of) {
        case 'viewer':
          return rest.repos.listForAuthenticatedUser({ affiliation: listing.affiliation, ...order });
        case 'user':
          return rest.repos.listForUser({ username: listing.login, type: listing.type, ...order });
        case 'organisation':
          return rest.repos.listForOrg({ org: listing.login, type: 'all', ...order });
        case 'installation':
          return rest.apps.listReposAccessibleToInstallation({ per_page: pageLength, page });
      }
    });
    const sso = /^partial-results; organizations=([\d,]+)/.exec(text(headers['x-github-sso']) ?? '');
    const repositories = data.map((entry, at) => parseEntry(entry, `place ${at + 1} of page ${page}`));
    return { repositories, hiddenBySso: sso?.[1]?.split(',') ?? [], ...parseLinks(text(headers['link'])) };
  }

  /** Where a repository is now. GitHub's own redirects and links use this address; its pages do not describe it. */
  async repository(id: string): Promise<Repository> {
    const { data } = await this.#ask(`the repository with the id ${id}`, repositorySchema, (octokit) =>
      octokit.request('GET /repositories/{id}', { id }),
    );
    return data;
  }

  close(): void {
    this.#budget.close();
  }

  async #ask<const Schema extends v.GenericSchema>(
    what: string,
    schema: Schema,
    call: (octokit: Octokit) => Promise<OctokitAnswer>,
  ): Promise<{ data: v.InferOutput<Schema>; headers: AnswerHeaders }> {
    const { addresses, credential, retry: policy, signal, onRetry } = this.#options;
    const octokit = await (this.#octokit ??= this.#load());
    const once = async (): Promise<{ data: v.InferOutput<Schema>; headers: AnswerHeaders }> => {
      let answer: OctokitAnswer;
      try {
        answer = await call(octokit);
      } catch (error) {
        const hasToken = (await credential.token()) !== undefined;
        throw apiError(error, { host: addresses.host, what, hasToken, longestWaitMs: policy.longestWaitMs });
      }
      // What is not whole JSON, Octokit passes on as text.
      if (typeof answer.data === 'string')
        throw new HoldfastError('Truncated', `${addresses.host} does not answer in JSON for ${what}`, {
          transient: true,
          advice: "Check the API's address, and that no proxy answers instead of GitHub.",
        });
      const data = parse(schema, answer.data, `the answer of ${addresses.host} for ${what}`, 'ProtocolViolation');
      return { data, headers: answer.headers };
    };
    return retry(once, policy, { signal, ...(onRetry ? { onRetry } : {}) });
  }

  async #load(): Promise<Octokit> {
    const { http, addresses, credential, requestTimeoutMs } = this.#options;
    const { Octokit } = await import('@octokit/rest');
    const fetch = apiFetch({
      http,
      origin: addresses.apiOrigin,
      credential,
      budget: this.#budget,
      timeoutMs: requestTimeoutMs,
    });
    const silent = (): void => undefined;
    return new Octokit({
      baseUrl: addresses.api,
      userAgent,
      request: { fetch },
      // Octokit would write to the console.
      log: { debug: silent, info: silent, warn: silent, error: silent },
    });
  }
}
