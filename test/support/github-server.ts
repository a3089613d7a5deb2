/**
 * A stand-in for GitHub: the REST endpoints by which clients find repositories, under `/` and `/api/v3/`, and
 * the repositories themselves over Git at `/{owner}/{name}.git`, all on one server. A test can change
 * accounts, repositories, tokens and limits while clients are at work.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Fault } from './git-faults.ts';
import { createGitHandler, isGitRequest } from './git-server.ts';
import { answerApi } from './github/api.ts';
import { gitDecision, parseGistName, parseGitName, redirectGit } from './github/git.ts';
import { GitHubState, type GitHubRepository, type GitHubStateOptions } from './github/state.ts';
import { listen, type Listening, type Tls } from './http-listener.ts';
import { startLfs, type LfsServer } from './lfs-server.ts';
import { credentials, record, type RecordedRequest } from './recorded-request.ts';
import { createRepository, type RepositoryShape } from './repositories.ts';

export interface GitHubOptions extends GitHubStateOptions {
  tls?: Tls;
}

export type GitHub = GitHubState &
  Listening & {
    /** Base of the API as GitHub Enterprise has it; github.com's form is `url` itself. */
    apiUrl: string;
    /** The REST requests so far, oldest first, their paths without `/api/v3`. */
    requests: RecordedRequest[];
    /** The requests for attachments so far, oldest first. */
    attachmentRequests: RecordedRequest[];
    /** The Git requests so far, oldest first. */
    gitRequests: RecordedRequest[];
    /** The objects of Git LFS of all repositories. */
    lfs: LfsServer;
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
      const gist = parseGistName(state, name);
      if (gist !== undefined) return `gist-${gist}.git`;
      const { repository, wiki } = parseGitName(state, name);
      return repository && `${repository.id}${wiki ? '.wiki' : ''}.git`;
    },
    intercept: (request, response) => redirectGit(state, listening.url, request, response),
  });
  const lfs = await startLfs(options.root, (access) => {
    const decision = gitDecision(state, access);
    return decision === true ? true : typeof decision === 'object' ? decision.status : 403;
  });
  const requests: RecordedRequest[] = [];
  const attachmentRequests: RecordedRequest[] = [];
  const listening = await listen(async (incoming, response) => {
    if (await lfs.handle(incoming, response)) return;
    if (isGitRequest(incoming)) return git.handle(incoming, response);
    const prefix = '/api/v3';
    const path = incoming.url ?? '/';
    const base = path.startsWith(`${prefix}/`) ? listening.url + prefix : listening.url;
    incoming.url = base === listening.url ? path : path.slice(prefix.length);
    if (path.startsWith('/storage/')) {
      sendStored(state, incoming, response);
      return;
    }
    if (state.attachments.has(path)) {
      const request = record(incoming, response, 'api', Buffer.alloc(0));
      attachmentRequests.push(request);
      answerAttachment(state, listening.url, request, response);
      return;
    }
    const request = record(incoming, response, 'api', await buffer(incoming));
    requests.push(request);
    await answerApi({ state, origin: listening.url, base, faults: git.faults, request, response });
  }, options.tls);
  const close = async () => {
    await Promise.all([listening.close(), lfs.close()]);
    await git.idle();
  };
  const apiUrl = `${listening.url}/api/v3`;
  state.apiBase = apiUrl;
  return Object.assign(state, {
    ...listening,
    close,
    apiUrl,
    requests,
    attachmentRequests,
    gitRequests: git.requests,
    faults: git.faults,
    lfs,
  });
}

/** A page of GitHub's to which a text refers: sends on to the storage host who may see it. */
function answerAttachment(
  state: GitHubState,
  origin: string,
  { path, headers }: RecordedRequest,
  response: ServerResponse,
): void {
  const { isPrivate = false, sendsTo } = state.attachments.get(path)!;
  const { secret } = credentials(headers.authorization);
  // An installation's token is not taken here, whatever it may read.
  const isSeen = headers.authorization === undefined ? !isPrivate : state.userOf(secret) !== undefined;
  const location = sendsTo ?? `${origin.replace('127.0.0.1', 'localhost')}/storage/attachments${path}`;
  response.writeHead(isSeen && !secret.startsWith('ghs_') ? 302 : 404, isSeen ? { location } : {});
  response.end();
}

/** The storage host to which GitHub sends for assets: it knows no tokens, and refuses those that come along. */
function sendStored(state: GitHubState, incoming: IncomingMessage, response: ServerResponse): void {
  const id = Number(incoming.url?.split('/').at(-1));
  const attached = state.attachments.get((incoming.url ?? '').replace('/storage/attachments', ''));
  const asset = attached ?? [...state.contents()].map(({ assets }) => assets.get(id)).find((one) => one !== undefined);
  const refused = incoming.headers.authorization !== undefined;
  response.writeHead(refused ? 400 : asset ? 200 : 404, { 'content-type': 'application/octet-stream' });
  response.end(refused ? '' : (asset?.sent ?? asset?.content));
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
