/** The REST endpoints of the stand-in for GitHub. */
import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { failWith, faultyAnswer, faultyBody, type Fault, type When } from '../git-faults.ts';
import { answerWith, sendBody } from '../http-listener.ts';
import { credentials, type RecordedRequest } from '../recorded-request.ts';
import { accountFields, documentation, failure, type ApiAnswer, type ApiCall } from './api-answer.ts';
import { answerApp, installationRepositories } from './app.ts';
import {
  organization,
  repositoriesOfOrganization,
  repositoriesOfUser,
  repositoriesOfViewer,
  repositoryById,
  repositoryByName,
} from './api-repositories.ts';
import { organizationFull, publicUser } from './documents.ts';
import { answerChange } from './making.ts';
import { answerQuery } from './records/graphql.ts';
import { answerRecordChange } from './records/making.ts';
import { answerAccount, answerRecords, answerStarredGists } from './records/rest.ts';
import { git } from '../repositories.ts';
import type { Account, GitHubRepository, GitHubState, RateLimit } from './state.ts';

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

const withoutBody = [204, 304];

type Endpoint = (call: ApiCall, ...parts: string[]) => ApiAnswer;

const endpoints: readonly [pattern: RegExp, endpoint: Endpoint][] = [
  [/^\/rate_limit$/, rateLimitStatus],
  [/^\/user$/, authenticatedUser],
  [/^\/installation\/repositories$/, installationRepositories],
  [/^\/user\/repos$/, repositoriesOfViewer],
  [/^\/users\/([^/]+)$/, (call, login) => account(call, call.state.findAccount(login))],
  [/^\/users\/([^/]+)\/repos$/, (call, login) => repositoriesOfUser(call, call.state.findAccount(login))],
  [/^\/user\/(\d+)\/repos$/, (call, id) => repositoriesOfUser(call, accountById(call, id))],
  [/^\/orgs\/([^/]+)$/, organizationPage],
  [/^\/orgs\/([^/]+)\/repos$/, (call, login) => repositoriesOfOrganization(call, call.state.findAccount(login))],
  [/^\/organizations\/(\d+)\/repos$/, (call, id) => repositoriesOfOrganization(call, accountById(call, id))],
  [/^\/repos\/([^/]+)\/([^/]+)$/, repositoryByName],
  [/^\/repositories\/(\d+)$/, repositoryById],
];

export async function answerApi(
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
  const { status, body, headers } = await metered(exchange);
  const { names, change } = faultyBody(faults, request);
  request.faults = names;
  response.writeHead(status, {
    ...(withoutBody.includes(status) ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'x-github-request-id': randomUUID(),
    ...headers,
  });
  const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const bytes = withoutBody.includes(status) || request.method === 'HEAD' ? Buffer.alloc(0) : content;
  await sendBody(response, Readable.from(bytes.length > 0 ? [bytes] : []), change);
}

/** Authenticates a request, answers it, and counts it against the limit of its token. */
async function metered({
  state,
  origin,
  base,
  request,
}: Pick<ApiCall, 'state' | 'origin' | 'base'> & { request: RecordedRequest }): Promise<ApiAnswer> {
  const token = credentials(request.headers.authorization).secret;
  const asApp = answerApp(state, request, token);
  if (asApp) return asApp;
  const viewer = state.userOf(token);
  if (request.hasAuthorization && viewer === undefined) return failure(401, 'Bad credentials');

  const limit = state.rateLimit(token);
  const free = request.path === '/rate_limit';
  if (!free && limit.used >= limit.limit) {
    const whose = viewer === undefined ? '127.0.0.1' : `user ID ${state.findAccount(viewer)?.id ?? 0}`;
    const body = { message: `API rate limit exceeded for ${whose}.`, documentation_url: rateLimitDocumentation };
    return { status: limit.status, body, headers: rateLimitHeaders(limit) };
  }
  const isQuery = request.method === 'POST' && /^(\/api)?\/graphql$/.test(request.path);
  const call = { state, origin, base, viewer, token, query: request.query };
  const answer = isQuery
    ? await answerQuery(state, viewer, request.body.toString('utf8'))
    : ((await answerRecordChange(call, request)) ??
      (await answerChange(call, request)) ??
      (await route(call, request)));
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

async function route(call: ApiCall, { method, path }: RecordedRequest): Promise<ApiAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return failure(404, 'Not Found');
  for (const [pattern, endpoint] of endpoints) {
    const match = pattern.exec(path);
    if (match) return endpoint(call, ...match.slice(1));
  }
  const [, account, login = '', belowAccount = ''] = /^(\/(?:orgs|users)\/([^/]+))(\/.*)$/.exec(path) ?? [];
  if (account !== undefined) return answerAccount(call, { account, login }, belowAccount);
  if (path === '/gists/starred') return answerStarredGists(call);
  const [, owner = '', name = '', below = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const repository = call.state.findRepository(`${owner}/${name}`);
  if (!repository || !call.state.canRead(call.viewer, repository)) return failure(404, 'Not Found');
  const inGit = await answerFromGit(repository, below);
  return inGit ?? answerRecords(call, call.state.contentOf(repository), below) ?? failure(404, 'Not Found');
}

/** What of the API is read from the repository itself; undefined for all else. */
async function answerFromGit({ path }: GitHubRepository, below: string): Promise<ApiAnswer | undefined> {
  const [, kind, name = ''] = /^\/(git\/ref\/tags|contents)\/(.+)$/.exec(below) ?? [];
  if (kind === undefined) return undefined;
  const object = kind === 'contents' ? `HEAD:${name}` : `refs/tags/${name}`;
  return git(path, 'rev-parse', '--verify', '--quiet', object).then(
    (oid): ApiAnswer => ({ status: 200, body: { ref: object, sha: oid.trim() } }),
    () => failure(404, 'Not Found'),
  );
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
  if (call.state.app?.isHolder(call.viewer)) return failure(403, 'Resource not accessible by integration');
  const scopes = call.state.scopes.get(call.token);
  const answer = account(call, call.state.findAccount(call.viewer));
  return scopes === undefined ? answer : { ...answer, headers: { 'x-oauth-scopes': scopes } };
}

export function account({ state, origin, base }: ApiCall, found: Account | undefined): ApiAnswer {
  if (!found) return failure(404, 'Not Found');
  const open = openOf(state, found);
  return { status: 200, body: publicUser(accountFields(found, origin, base), open) };
}

function organizationPage(call: ApiCall, login: string): ApiAnswer {
  const { state, origin, base } = call;
  const found = organization(state.findAccount(login));
  if (!found) return failure(404, 'Not Found');
  const url = `${base}/orgs/${found.login}`;
  return { status: 200, body: organizationFull(accountFields(found, origin, base), url, openOf(state, found)) };
}

function openOf(state: GitHubState, account: Account): number {
  return state.repositories.filter((one) => !one.private && state.ownerOf(one) === account).length;
}

function accountById({ state }: ApiCall, id: string | undefined): Account | undefined {
  return state.accounts.find((one) => String(one.id) === id);
}
