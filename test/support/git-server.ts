/**
 * A Git server for tests: smart HTTP around the real `git http-backend`, over real bare repositories below
 * one folder. It speaks protocol v0, v1 and v2, accepts pushes to any repository, records every request and
 * injects faults (git-faults.ts).
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type * as http from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { backendEnvironment, feed, relay, type BackendOptions } from './git-backend.ts';
import { faultyAnswer, faultyBody, type Answer, type Fault, type RequestKind } from './git-faults.ts';
import { answerWith, listen, type Listening, type Tls } from './http-listener.ts';
import {
  bodyText,
  credentials,
  record,
  requestUrl,
  type Credentials,
  type RecordedRequest,
} from './recorded-request.ts';

/** Who asks for what, as the credentials of a request say. */
export interface Access extends Credentials {
  /** Path of the repository in the URL, without the leading slash: `acme/app.git`. */
  repository: string;
  /** Whether the request belongs to a push. */
  write: boolean;
}

/** Allows (true), asks for credentials (false: 401 with WWW-Authenticate), or refuses with a status. */
export type Decision = boolean | number | Answer;

export interface GitHandlerOptions extends BackendOptions {
  /** Default: everybody may do everything. */
  authorize?: (access: Access) => Decision | Promise<Decision>;
  /** Sees each request before authorization and faults; returns true when it has answered or will answer it. */
  intercept?: (request: RecordedRequest, response: http.ServerResponse) => boolean | Promise<boolean>;
  /** Faults from the start; the server's `faults` can be changed later. */
  faults?: readonly Fault[];
  /** Folder below `root` for a repository's path in the URL; undefined answers 404. */
  locate?: (repository: string) => string | undefined;
}

export interface GitServerOptions extends GitHandlerOptions {
  /** Serves https with this certificate. */
  tls?: Tls;
}

export interface GitServer extends Listening {
  /** All requests so far, oldest first. */
  requests: RecordedRequest[];
  /** The faults in force; change the list at any time. */
  faults: Fault[];
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const handler = await createGitHandler(options);
  const listening = await listen((request, response) => handler.handle(request, response), options.tls);
  const close = async () => {
    await listening.close();
    await handler.idle();
  };
  return { ...listening, close, requests: handler.requests, faults: handler.faults };
}

/** The server without its socket, for a server that offers more than Git. */
export interface GitHandler {
  handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void>;
  /** Resolves when no Git process is left running. */
  idle(): Promise<void>;
  requests: RecordedRequest[];
  faults: Fault[];
}

export async function createGitHandler(options: GitHandlerOptions): Promise<GitHandler> {
  const { stdout } = await promisify(execFile)('git', ['--exec-path']);
  const backend = join(stdout.trim(), 'git-http-backend');
  const requests: RecordedRequest[] = [];
  const faults = [...(options.faults ?? [])];
  const running = new Set<Promise<unknown>>();

  const intercepted = options.intercept ?? (() => false);

  /** The answer to a request that does not get as far as the repository. */
  const refusal = async (endpoint: Endpoint, request: RecordedRequest): Promise<Answer | undefined> => {
    const fault = faultyAnswer(faults, request);
    if (fault) {
      request.faults = [fault.name];
      return fault.answer;
    }
    if (!endpoint.service) return { status: 403, body: 'only smart HTTP is served\n' };
    const write = endpoint.service === 'git-receive-pack';
    const access = { ...credentials(request.headers.authorization), repository: endpoint.repository, write };
    const decision = (await options.authorize?.(access)) ?? true;
    return decision === true ? undefined : refusalFor(decision);
  };

  const handle = async (incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const endpoint = parseEndpoint(incoming);
    if (!endpoint) {
      answerWith(response, { status: 400, body: 'not a path of a repository\n' });
      return;
    }
    // upload-pack's body is small and tells ls-refs from fetch; receive-pack's carries a pack and must flow.
    const body = endpoint.service === 'git-upload-pack' && incoming.method === 'POST' ? await readAll(incoming) : null;
    const request = record(incoming, response, requestKind(incoming, endpoint, body), body ?? Buffer.alloc(0));
    requests.push(request);
    if (await intercepted(request, response)) return;

    const refused = await refusal(endpoint, request);
    const folder = options.locate ? options.locate(endpoint.repository) : endpoint.repository;
    if (refused || folder === undefined) {
      answerWith(response, refused ?? { status: 404, body: 'Repository not found.\n' });
      return;
    }
    const { names, change } = faultyBody(faults, request);
    request.faults = names;

    const child = spawn(backend, {
      env: backendEnvironment(options, incoming, `/${folder}/${endpoint.action}`),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const exited = once(child, 'close').catch(() => undefined);
    running.add(exited);
    void exited.then(() => running.delete(exited));
    response.once('close', () => child.kill());
    feed(child.stdin, body, incoming, request);
    await relay(child, response, change);
  };

  return {
    handle,
    requests,
    faults,
    idle: async () => {
      await Promise.all(running);
    },
  };
}

interface Endpoint {
  repository: string;
  /** What follows the repository in the path. */
  action: string;
  /** Undefined for the dumb protocol. */
  service: 'git-upload-pack' | 'git-receive-pack' | undefined;
}

const endpointPath = /^\/(.+)\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Whether a request belongs to the Git protocol. */
export function isGitRequest(incoming: http.IncomingMessage): boolean {
  return endpointPath.test(requestUrl(incoming).pathname);
}

function parseEndpoint(incoming: http.IncomingMessage): Endpoint | undefined {
  const url = requestUrl(incoming);
  const [, encoded = '', action = ''] = endpointPath.exec(url.pathname) ?? [];
  const repository = decodeURIComponent(encoded);
  if (repository === '' || repository.includes('\0') || repository.split('/').includes('..')) return undefined;
  const name = action === 'info/refs' ? url.searchParams.get('service') : action;
  const service = name === 'git-upload-pack' || name === 'git-receive-pack' ? name : undefined;
  return { repository, action, service };
}

function requestKind(incoming: http.IncomingMessage, endpoint: Endpoint, body: Buffer | null): RequestKind {
  if (endpoint.action === 'info/refs') return 'info-refs';
  if (endpoint.service === 'git-receive-pack') return 'receive-pack';
  if (!body) return 'other';
  return bodyText({ headers: incoming.headers, body }).includes('command=ls-refs') ? 'ls-refs' : 'fetch';
}

function refusalFor(decision: Exclude<Decision, true>): Answer {
  const answer = typeof decision === 'object' ? decision : { status: decision === false ? 401 : decision };
  if (answer.status !== 401) return answer;
  return { ...answer, headers: { 'www-authenticate': 'Basic realm="git"', ...answer.headers } };
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new Error('the stream is not binary');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
