import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { readWhole, type HttpClient, type HttpRequest, type HttpResponse } from '#core/runtime/http.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { parse } from '#core/runtime/schema.ts';
import { userAgent } from '#core/runtime/version.ts';
import type { Credential } from '../hosting/credential.ts';
import { RequestBudget } from '../hosting/request-budget.ts';
import type { GitHubAddresses } from './addresses.ts';
import { apiError } from './api-error.ts';
import type { GitHubApp } from './app/github-app.ts';

/**
 * How many things that others may see one credential may make.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export const creationLimits = { perMinute: 80, perHour: 500 };

/** Of the 900 points a minute that the same page allows a write counts five, and all else one; some are left over. */
const writesPerMinute = 120;
const readsPerMinute = 250;

const accountSchema = v.object({ login: v.string(), type: v.optional(v.string(), 'User') });

const repositorySchema = v.object({
  private: v.boolean(),
  default_branch: v.nullish(v.string()),
});

const failureSchema = v.fallback(
  v.object({
    message: v.optional(v.string(), ''),
    errors: v.optional(v.array(v.fallback(v.object({ message: v.optional(v.string(), '') }), { message: '' })), []),
  }),
  { message: '', errors: [] },
);

/** A repository that is there. */
export interface PresentRepository {
  private: boolean;
  defaultBranch: string | undefined;
}

export interface RepositoryMakerOptions {
  http: HttpClient;
  addresses: GitHubAddresses;
  credential: Credential;
  /** Where the token is that of an app. */
  app?: Pick<GitHubApp, 'installation'> | undefined;
  /** The user or organisation that gets the repositories. */
  owner: string;
  retry: RetryPolicy;
  signal?: AbortSignal | undefined;
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

/** Makes repositories at GitHub: private, empty, and with GitHub Actions off, so that what is pushed starts nothing. */
export class RepositoryMaker {
  readonly #options: RepositoryMakerOptions;
  readonly #creations: RequestBudget;
  readonly #writes: RequestBudget;
  readonly #reads: RequestBudget;
  #account: Promise<{ login: string; type: string }> | undefined;

  constructor(options: RepositoryMakerOptions) {
    this.#options = options;
    const { signal, retry } = options;
    const budget = { longestWaitMs: retry.longestWaitMs, signal };
    this.#creations = new RequestBudget({ requestsPerMinute: creationLimits.perMinute, ...budget });
    this.#writes = new RequestBudget({ requestsPerMinute: writesPerMinute, ...budget });
    this.#reads = new RequestBudget({ requestsPerMinute: readsPerMinute, ...budget });
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
    const { headers, data } = await this.#ask('GET', '/user', "the token's own account", accountSchema);
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
      const { data, status } = await this.#ask('GET', path, `the repository ${owner}/${name}`, v.unknown());
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
    await this.#ask('POST', path, `making the repository ${owner}/${name}`, v.unknown(), {
      name,
      private: true,
      auto_init: false,
    });
  }

  /** Keeps workflows from running by what is pushed. */
  async switchActionsOff(name: string): Promise<void> {
    const { owner } = this.#options;
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/actions/permissions`;
    await this.#ask('PUT', path, `switching GitHub Actions off in ${owner}/${name}`, v.unknown(), { enabled: false });
  }

  async setDefaultBranch(name: string, branch: string): Promise<void> {
    const { owner } = this.#options;
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
    await this.#ask('PATCH', path, `setting the default branch of ${owner}/${name}`, v.unknown(), {
      default_branch: branch,
    });
  }

  close(): void {
    this.#creations.close();
    this.#writes.close();
    this.#reads.close();
  }

  #owner(): Promise<{ login: string; type: string }> {
    const { owner } = this.#options;
    this.#account ??= this.#ask(
      'GET',
      `/users/${encodeURIComponent(owner)}`,
      `the account ${owner}`,
      accountSchema,
    ).then(({ data }) => data);
    return this.#account;
  }

  async #ask<const Schema extends v.GenericSchema>(
    method: HttpRequest['method'],
    path: string,
    what: string,
    schema: Schema,
    content?: object,
  ): Promise<{ status: number; data: v.InferOutput<Schema>; headers: HttpResponse['headers'] }> {
    const { addresses, signal, onRetry, retry: policy } = this.#options;
    const once = async (): Promise<{
      status: number;
      data: v.InferOutput<Schema>;
      headers: HttpResponse['headers'];
    }> => {
      const { status, headers, text } = await this.#send(method, path, content);
      const json = jsonOf(text);
      if (status < 400) {
        const data = parse(schema, json, `the answer of ${addresses.host} for ${what}`, 'ProtocolViolation');
        return { status, data, headers };
      }
      const { message, errors } = v.parse(failureSchema, json);
      const said = [message, ...errors.map((error) => error.message)].filter((words) => words !== '').join(': ');
      if (status === 422 && /already exists/i.test(said))
        throw new HoldfastError('AlreadyExists', `${addresses.host} refuses ${what}: the name is taken`);
      throw apiError(
        { status, response: { headers, data: { message: said } } },
        { host: addresses.host, what, hasToken: true, longestWaitMs: policy.longestWaitMs },
      );
    };
    return retry(once, policy, { signal, ...(onRetry ? { onRetry } : {}) });
  }

  /** Sends a request with the token; where that is refused, once more with a newer one. */
  async #send(method: HttpRequest['method'], path: string, content: object | undefined): Promise<Answer> {
    const { credential } = this.#options;
    const token = await credential.token();
    const answer = await this.#sendWith(token, method, path, content);
    if (answer.status !== 401 || token === undefined) return answer;
    const renewed = await credential.renewed(token);
    return renewed === undefined ? answer : this.#sendWith(renewed, method, path, content);
  }

  #sendWith(
    token: string | undefined,
    method: HttpRequest['method'],
    path: string,
    content: object | undefined,
  ): Promise<Answer> {
    const { http, addresses } = this.#options;
    const budget = method === 'POST' ? this.#creations : method === 'GET' ? this.#reads : this.#writes;
    const bytes = content === undefined ? undefined : Buffer.from(JSON.stringify(content));
    return budget.run(async () => {
      const response = await http.send({
        method,
        url: new URL(`${addresses.api}${path}`),
        headers: {
          accept: 'application/vnd.github+json',
          'user-agent': userAgent,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(bytes === undefined ? {} : { body: { length: bytes.length, chunks: [bytes] } }),
      });
      this.#creations.heed(response.headers);
      this.#writes.heed(response.headers);
      this.#reads.heed(response.headers);
      const text = (await readWhole(response.body, 1 << 20, `the answer of ${addresses.host}`)).toString('utf8');
      return { status: response.status, headers: response.headers, text };
    });
  }
}

interface Answer {
  status: number;
  headers: HttpResponse['headers'];
  text: string;
}

/** Undefined for what is not JSON, as the answers of proxies and those without content. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
