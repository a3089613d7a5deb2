import * as v from 'valibot';
import { HoldfastError, hasCode, interrupted } from '#core/runtime/errors.ts';
import { type HttpClient, type HttpResponse } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { userAgent } from '#core/runtime/version.ts';
import { isLimit, quietMs, text } from '../../hosting/rate-limit.ts';
import { isToken, type RenewingToken } from '../../hosting/token.ts';
import type { GitHubAddresses } from '../addresses.ts';
import { appVariables, type AppKeys } from './app-keys.ts';
import { jsonWebToken } from './json-web-token.ts';
import { privateKey } from './private-key.ts';

/** https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app */
const installationSchema = v.object({
  id: v.number(),
  account: v.object({ id: v.number(), login: v.string(), type: v.optional(v.string(), 'User') }),
  app_slug: v.optional(v.string(), ''),
  repository_selection: v.optional(v.string(), 'all'),
  permissions: v.optional(v.record(v.string(), v.string()), {}),
  suspended_at: v.nullish(v.string()),
});

/** Where an app is installed, and what it may do there. */
export type Installation = v.InferOutput<typeof installationSchema>;

/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
const tokenSchema = v.object({
  // Their length and form change: today 40 characters, or some 520 with dots, dashes and underscores.
  token: v.pipe(v.string(), v.check(isToken, 'must be a token')),
  expires_at: v.pipe(v.string(), v.isoTimestamp('must be a time')),
});

const messageSchema = v.fallback(v.object({ message: v.optional(v.string(), '') }), { message: '' });

export interface GitHubAppOptions {
  http: HttpClient;
  addresses: GitHubAddresses;
  /** Read again whenever the app has to authenticate, since keys are replaced. */
  keys: () => Promise<AppKeys>;
  /** The login of the account where it is installed; undefined: there is only one installation, or the keys name it. */
  owner: string | undefined;
  retry: RetryPolicy;
  signal?: AbortSignal | undefined;
}

interface CurrentToken {
  token: string;
  /** By `performance.now`, so that a wrong clock makes none look old or young. */
  endsAt: number;
}

/** A token is renewed so long before its end: what begins with it has to be let in, not to be over. */
const renewedBeforeMs = 300_000;

/** Beyond this GitHub's clock counts, not ours. */
const largestSkewMs = 30_000;

const longestAnswer = 4 << 20;

/**
 * A GitHub App as a credential: proves itself by its key, and gets a token for one installation that lasts an hour. The
 * token is requested again for each request, so that a run and a transfer may outlast it.
 */
export class GitHubApp {
  readonly #options: GitHubAppOptions;
  /** What GitHub's clock is ahead of ours. */
  #skewMs = 0;
  #current: CurrentToken | undefined;
  #renewal: Promise<CurrentToken> | undefined;
  #installation: Promise<Installation> | undefined;

  constructor(options: GitHubAppOptions) {
    this.#options = options;
  }

  /** Its token now; renewed shortly before it expires, and when GitHub refuses it. */
  readonly token: RenewingToken = Object.assign(
    async (refused?: string): Promise<string | undefined> => {
      const current = this.#current;
      const left = current === undefined ? 0 : current.endsAt - performance.now();
      if (current && current.token !== refused && left > renewedBeforeMs) return current.token;
      this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
      try {
        return (await this.#renewal).token;
      } catch (error) {
        // It is good for some minutes still, and so may be the network again.
        if (current && current.token !== refused && left > 0 && hasCode(error, 'Unavailable', 'Truncated', 'Stalled'))
          return current.token;
        throw error;
      }
    },
    { renews: true } as const,
  );

  /**
   * Where it is installed. Asked for once.
   * @throws {HoldfastError} AccessDenied where it is not installed or suspended; ConfigurationInvalid
   */
  installation(): Promise<Installation> {
    this.#installation ??= this.#find().catch((error: unknown) => {
      this.#installation = undefined;
      throw error;
    });
    return this.#installation;
  }

  async #renew(): Promise<CurrentToken> {
    const keys = await this.#options.keys();
    const id = keys.installation ?? String((await this.installation()).id);
    const path = `/app/installations/${id}/access_tokens`;
    const { answer, date } = await this.#ask(keys, 'POST', path, tokenSchema, `a token for the installation ${id}`);
    keepSecret(answer.token);
    const lifetime = Date.parse(answer.expires_at) - date;
    this.#current = { token: answer.token, endsAt: performance.now() + lifetime };
    return this.#current;
  }

  async #find(): Promise<Installation> {
    const { owner, addresses } = this.#options;
    const keys = await this.#options.keys();
    const found =
      keys.installation !== undefined
        ? await this.#get(keys, `/app/installations/${keys.installation}`, `the installation ${keys.installation}`)
        : owner === undefined
          ? await this.#only(keys)
          : await this.#of(keys, owner);
    if (owner !== undefined && found.account.login.toLowerCase() !== owner.toLowerCase())
      throw new HoldfastError(
        'ConfigurationInvalid',
        `the installation ${found.id} of the app belongs to ${found.account.login}, not to ${owner}`,
        { advice: `Leave ${appVariables.installation} out, so that Holdfast looks for the installation of ${owner}.` },
      );
    if (found.suspended_at != null) throw suspended(found.account.login, addresses.host);
    return found;
  }

  /** An account may be an organisation or a user; GitHub has an address for either. */
  async #of(keys: AppKeys, owner: string): Promise<Installation> {
    const name = encodeURIComponent(owner);
    const what = `the installation for ${owner}`;
    for (const path of [`/orgs/${name}/installation`, `/users/${name}/installation`]) {
      try {
        return await this.#get(keys, path, what);
      } catch (error) {
        if (!hasCode(error, 'SourceMissing')) throw error;
      }
    }
    throw new HoldfastError('AccessDenied', `the GitHub App ${keys.id} is not installed for ${owner}`, {
      advice: `Install it there: the app's settings at ${this.#options.addresses.host}, Install App; an owner of the organisation may have to approve it.`,
    });
  }

  async #only(keys: AppKeys): Promise<Installation> {
    const all = v.array(installationSchema);
    const { answer } = await this.#ask(keys, 'GET', '/app/installations?per_page=100', all, 'its installations');
    const [first, ...more] = answer;
    if (first && more.length === 0) return first;
    throw first
      ? new HoldfastError('ConfigurationInvalid', 'the GitHub App is installed for several accounts', {
          advice: `Name one: ${answer.map(({ account }) => account.login).join(', ')}.`,
        })
      : new HoldfastError('AccessDenied', `the GitHub App ${keys.id} is not installed anywhere`, {
          advice: 'Install it for the account whose repositories are wanted.',
        });
  }

  async #get(keys: AppKeys, path: string, what: string): Promise<Installation> {
    return (await this.#ask(keys, 'GET', path, installationSchema, what)).answer;
  }

  async #ask<const Schema extends v.GenericSchema>(
    keys: AppKeys,
    method: 'GET' | 'POST',
    path: string,
    schema: Schema,
    what: string,
  ): Promise<{ answer: v.InferOutput<Schema>; date: number }> {
    const { retry: policy, signal } = this.#options;
    const key = privateKey(keys.privateKey, `${appVariables.privateKey} in ${keys.origin}`);
    const once = async (): Promise<{ answer: v.InferOutput<Schema>; date: number }> => {
      let response = await this.#send(method, path, jsonWebToken(keys.id, key, Date.now() + this.#skewMs));
      if (response.status === 401 && this.#adjustClock(response))
        response = await this.#send(method, path, jsonWebToken(keys.id, key, Date.now() + this.#skewMs));
      const body = (await readWhole(response.body, longestAnswer, what)).toString('utf8');
      if (response.status !== 200 && response.status !== 201) throw this.#refusal(response, body, what, keys);
      const answer = parseJson(schema, body, `the answer for ${what}`, 'ProtocolViolation');
      return { answer, date: serverTime(response) ?? Date.now() };
    };
    return retry(once, policy, { signal });
  }

  #send(method: 'GET' | 'POST', path: string, jwt: string): Promise<HttpResponse> {
    const { http, addresses, signal } = this.#options;
    if (signal?.aborted) throw interrupted(signal);
    keepSecret(jwt);
    return http.send({
      method,
      url: new URL(addresses.api + path),
      headers: {
        authorization: `Bearer ${jwt}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': userAgent,
      },
      ...(method === 'POST' ? { body: { length: 0, chunks: [] } } : {}),
    });
  }

  /** A clock that is wrong makes a proof too young or too old: then GitHub's counts. @returns whether it was so */
  #adjustClock(response: HttpResponse): boolean {
    const server = serverTime(response);
    if (server === undefined) return false;
    const skew = server - Date.now();
    if (Math.abs(skew - this.#skewMs) < largestSkewMs) return false;
    this.#skewMs = skew;
    return true;
  }

  #refusal({ status, headers }: HttpResponse, body: string, what: string, keys: AppKeys): HoldfastError {
    const { host } = this.#options.addresses;
    const { message } = parsed(body);
    const said = serverMessage(message);
    const answers = `${host} answers ${status}${said === '' ? '' : ` (${said})`} for ${what}`;
    if (isLimit(status, headers, message))
      return new HoldfastError('RateLimited', answers, { transient: true, retryAfterMs: quietMs(headers) });
    if (status === 401)
      return new HoldfastError('AccessDenied', answers, {
        advice: `${appVariables.id} and ${appVariables.privateKey} in ${keys.origin} do not belong together, or the key was deleted: make a new one on the app's settings page.`,
      });
    if (status === 403 && /suspended/i.test(message)) return suspended(undefined, host);
    if (status === 403) return new HoldfastError('AccessDenied', answers);
    if (status === 404)
      return new HoldfastError('SourceMissing', answers, {
        advice: `The app ${keys.id} has no such installation: leave ${appVariables.installation} out, so that Holdfast looks for it.`,
      });
    return new HoldfastError('Unavailable', answers, { transient: status >= 500 });
  }
}

function suspended(owner: string | undefined, host: string): HoldfastError {
  return new HoldfastError(
    'AccessDenied',
    `the installation of the GitHub App${owner === undefined ? '' : ` for ${owner}`} is suspended`,
    { advice: `Unsuspend it: the settings of the account at ${host}, GitHub Apps, Configure.` },
  );
}

function serverTime({ headers }: HttpResponse): number | undefined {
  const time = Date.parse(text(headers['date']) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function parsed(body: string): { message: string } {
  try {
    return parseJson(messageSchema, body, 'the refusal');
  } catch {
    return { message: '' };
  }
}
