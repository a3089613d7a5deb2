/** The frame of a stand-in for a Git host: its API, as a dialect answers it, and the repositories over Git. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { faultyAnswer, type Fault } from '../git-faults.ts';
import { createGitHandler, isGitRequest, type Access, type Decision } from '../git-server.ts';
import { answerWith, listen, type Listening } from '../http-listener.ts';
import { credentials, record, type RecordedRequest } from '../recorded-request.ts';
import type { HostState } from './state.ts';

export interface ApiRequest {
  state: HostState;
  /** The login behind the token; undefined without one. */
  viewer: string | undefined;
  /** Below the API's base, decoded by segments. */
  path: string;
  query: URLSearchParams;
  /** The address of the server. */
  url: string;
}

export interface ApiReply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export type Host = HostState &
  Listening & {
    /** The API's requests so far, oldest first. */
    requests: RecordedRequest[];
    gitRequests: RecordedRequest[];
    faults: Fault[];
  };

/** Starts a host on a free port of 127.0.0.1. */
export async function startHost(
  state: HostState,
  api: { base: string; answer: (request: ApiRequest) => ApiReply },
): Promise<Host> {
  const git = await createGitHandler({
    root: state.root,
    authorize: (access) => decision(state, access),
    locate: (name) => folderOf(state, name),
  });
  const requests: RecordedRequest[] = [];
  const listening = await listen(async (incoming, response) => {
    if (isGitRequest(incoming)) return git.handle(incoming, response);
    const request = record(incoming, response, 'api', Buffer.alloc(0));
    requests.push(request);
    const fault = faultyAnswer(git.faults, request);
    const raw = new URL(incoming.url ?? '/', listening.url);
    const token = credentials(request.headers.authorization).secret;
    const viewer = token === '' ? undefined : state.tokens.get(token);
    const reply =
      token !== '' && viewer === undefined
        ? { status: 401, body: { message: '401 Unauthorized' } }
        : !raw.pathname.startsWith(`${api.base}/`)
          ? { status: 404, body: { message: '404 Not Found' } }
          : api.answer({
              state,
              viewer,
              path: raw.pathname.slice(api.base.length),
              query: raw.searchParams,
              url: listening.url,
            });
    const headers = { 'content-type': 'application/json', ...('headers' in reply ? reply.headers : {}) };
    answerWith(response, fault?.answer ?? { status: reply.status, headers, body: JSON.stringify(reply.body) });
  });
  const close = async () => {
    await listening.close();
    await git.idle();
  };
  return Object.assign(state, { ...listening, close, requests, gitRequests: git.requests, faults: git.faults });
}

/** One page of a listing, with the headers by which hosts page. */
export function page(
  entries: readonly unknown[],
  { url, path, query }: ApiRequest,
  base: string,
  sizeParameter: string,
  totalHeader: string,
): ApiReply {
  const size = Number(query.get(sizeParameter) ?? 20);
  const number = Number(query.get('page') ?? 1);
  const next = new URLSearchParams(query);
  next.set('page', String(number + 1));
  const link = `<${url}${base}${path}?${next.toString()}>; rel="next"`;
  return {
    status: 200,
    body: entries.slice((number - 1) * size, number * size),
    headers: { [totalHeader]: String(entries.length), ...(entries.length > number * size ? { link } : {}) },
  };
}

function folderOf(state: HostState, name: string): string | undefined {
  const plain = name.replace(/\.git$/, '');
  const wiki = plain.endsWith('.wiki');
  const repository = state.byName(wiki ? plain.slice(0, -'.wiki'.length) : plain);
  const folder = `${repository?.id ?? 'none'}${wiki ? '.wiki' : ''}.git`;
  return existsSync(join(state.root, folder)) ? folder : undefined;
}

function decision(state: HostState, access: Access): Decision {
  const login = access.secret === '' ? undefined : state.tokens.get(access.secret);
  const unauthorized = { status: 401, headers: { 'www-authenticate': 'Basic realm="host"' }, body: 'Access denied\n' };
  if (access.secret !== '' && login === undefined) return unauthorized;
  const repository = state.byName(access.repository.replace(/\.git$/, '').replace(/\.wiki$/, ''));
  if (!repository || !state.canRead(login, repository))
    return login === undefined ? unauthorized : { status: 404, body: 'not found\n' };
  if (!access.write) return true;
  if (login === undefined) return unauthorized;
  return state.isMember(login, repository) || { status: 403, body: 'You are not allowed to push.\n' };
}
