/**
 * A Git server for tests: smart HTTP around the real `git http-backend`, over real bare repositories below
 * one folder. It speaks protocol v0, v1 and v2, accepts pushes to any repository, records every request and
 * injects faults (git-faults.ts).
 */
import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, gunzipSync } from 'node:zlib';
import {
  faultyAnswer,
  faultyBody,
  type Answer,
  type Body,
  type BodyChange,
  type Ending,
  type Fault,
  type RequestKind,
} from './git-faults.ts';

/** Who asks for what, as the credentials of a request say. */
export interface Access {
  scheme: 'none' | 'basic' | 'bearer';
  /** The user of Basic; otherwise empty. */
  user: string;
  /** The password of Basic or the token of Bearer; otherwise empty. */
  secret: string;
  /** Path of the repository in the URL, without the leading slash: `acme/app.git`. */
  repository: string;
  /** Whether the request belongs to a push. */
  write: boolean;
}

/** Allows (true), asks for credentials (false: 401 with WWW-Authenticate), or refuses with a status. */
export type Decision = boolean | number | Answer;

export interface GitHandlerOptions {
  /** Folder that holds the bare repositories; `/acme/app.git` in a URL is `acme/app.git` in it. */
  root: string;
  /** Default: everybody may do everything. */
  authorize?: (access: Access) => Decision | Promise<Decision>;
  /** Sees each request before authorization and faults; returns true when it has answered or will answer it. */
  intercept?: (request: RecordedRequest, response: http.ServerResponse) => boolean | Promise<boolean>;
  /** `v0` ignores the Git-Protocol header, as old servers do. Default `v2`. */
  protocol?: 'v2' | 'v0';
  /** Faults from the start; the server's `faults` can be changed later. */
  faults?: readonly Fault[];
  /** Git configuration of the server, such as `{ 'uploadpack.allowFilter': 'true' }`. */
  config?: Readonly<Record<string, string>>;
  /** Folder below `root` for a repository's path in the URL; undefined answers 404. */
  locate?: (repository: string) => string | undefined;
}

export interface Tls {
  key: string | Buffer;
  cert: string | Buffer;
}

export interface GitServerOptions extends GitHandlerOptions {
  /** Serves https with this certificate. */
  tls?: Tls;
}

/** A request as it came in. */
export interface RecordedRequest {
  readonly kind: RequestKind;
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly hasAuthorization: boolean;
  /** Bytes of the body that have arrived, as sent (compressed if it was). */
  bodyBytes: number;
  /** The body as sent: all of it for upload-pack, the first 64 KiB for receive-pack. */
  body: Buffer;
  /** Status of the answer, once it has begun. */
  readonly status: number | undefined;
  /** Names of the faults that hit the request. */
  faults: readonly string[];
}

/** A listening server. */
export interface Listening {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  port: number;
  /** Ends all connections and the processes behind them. */
  close(): Promise<void>;
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

/** Listens on a free port of 127.0.0.1; an error in the handler becomes a 500 (400 if it is the URL's) with its text. */
export async function listen(
  handle: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>,
  tls?: Tls,
): Promise<Listening> {
  const listener: http.RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answerWith(response, { status: error instanceof URIError ? 400 : 500, body: `${String(error)}\n` });
    });
  };
  const server = tls ? https.createServer({ key: tls.key, cert: tls.cert }, listener) : http.createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`, port: address.port, close };
}

/** The user and the password or token of an Authorization header. `token …` counts as Bearer, as at GitHub. */
export function credentials(authorization = ''): Pick<Access, 'scheme' | 'user' | 'secret'> {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
  if (/^(bearer|token)$/i.test(scheme)) return { scheme: 'bearer', user: '', secret: value };
  if (!/^basic$/i.test(scheme)) return { scheme: 'none', user: '', secret: '' };
  const [user = '', ...password] = Buffer.from(value, 'base64').toString().split(':');
  return { scheme: 'basic', user, secret: password.join(':') };
}

/** Records a request; its status follows the response. */
export function record(
  incoming: http.IncomingMessage,
  response: http.ServerResponse,
  kind: RequestKind,
  body: Buffer,
): RecordedRequest {
  const url = requestUrl(incoming);
  return {
    kind,
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: incoming.headers,
    hasAuthorization: incoming.headers.authorization !== undefined,
    bodyBytes: body.length,
    body,
    get status() {
      return response.headersSent ? response.statusCode : undefined;
    },
    faults: [],
  };
}

/** The recorded body as text, decompressed: the pkt-lines of a fetch with its wants and haves. */
export function bodyText(request: Pick<RecordedRequest, 'headers' | 'body'>): string {
  if (request.headers['content-encoding'] !== 'gzip') return request.body.toString('latin1');
  return gunzipSync(request.body, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
}

/** Sends a whole answer. */
export function answerWith(response: http.ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
}

/** Sends a body and ends the answer as the changes to the body say. */
export async function sendBody(response: http.ServerResponse, body: Body, change: BodyChange): Promise<void> {
  let ending: Ending = 'end';
  const changed = Readable.from(
    change(body, (chosen) => (ending = chosen)),
    { objectMode: false },
  );
  try {
    await pipeline(changed, response, { end: false });
  } catch (error) {
    if (response.destroyed) return; // the client has gone
    throw error;
  }
  endAnswer(response, ending);
}

/** A key and a certificate for 127.0.0.1 that is valid for a day, made by openssl. */
export async function selfSignedCertificate(): Promise<{ key: string; cert: string }> {
  const request = ['req', '-x509', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const output = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', '-', '-out', '-'];
  const { stdout } = await promisify(execFile)('openssl', [...request, ...key, ...output]);
  const start = stdout.indexOf('-----BEGIN CERTIFICATE');
  return { key: stdout.slice(0, start), cert: stdout.slice(start) };
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

function requestUrl(incoming: http.IncomingMessage): URL {
  return new URL(incoming.url ?? '/', 'http://server');
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

function backendEnvironment(options: GitHandlerOptions, incoming: http.IncomingMessage, path: string) {
  const { headers } = incoming;
  const protocol = options.protocol === 'v0' ? undefined : headers['git-protocol'];
  const config = Object.entries({ 'http.receivepack': 'true', ...options.config });
  const variables: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: String(config.length),
    GIT_PROJECT_ROOT: options.root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: Array.isArray(protocol) ? protocol.join(':') : protocol,
    PATH_INFO: path,
    REQUEST_METHOD: incoming.method,
    QUERY_STRING: requestUrl(incoming).search.slice(1),
    REMOTE_ADDR: incoming.socket.remoteAddress,
    CONTENT_TYPE: headers['content-type'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    CONTENT_LENGTH: headers['content-length'],
  };
  config.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  // A variable that is present but empty means something else to http-backend than one that is missing.
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}

const keptBytes = 64 * 1024;

/** Hands the request's body to the process and counts it on the way. */
function feed(stdin: Writable, body: Buffer | null, incoming: Readable, request: RecordedRequest): void {
  stdin.on('error', () => undefined); // the process may end before it has read everything
  if (body) {
    stdin.end(body);
    return;
  }
  incoming.on('data', (chunk: Buffer) => {
    request.bodyBytes += chunk.length;
    if (request.body.length < keptBytes) request.body = Buffer.concat([request.body, chunk]).subarray(0, keptBytes);
  });
  incoming.pipe(stdin);
}

/** Turns the CGI answer of the process into the HTTP answer. */
async function relay(
  child: ChildProcessByStdio<Writable, Readable, null>,
  response: http.ServerResponse,
  change: BodyChange,
): Promise<void> {
  const output: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let end: number;
  while ((end = head.indexOf('\r\n\r\n')) < 0) {
    const next = await output.next();
    if (next.done) throw new Error('git http-backend gave no answer');
    head = Buffer.concat([head, next.value]);
  }
  const fields = head
    .toString('latin1', 0, end)
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  const status = Number.parseInt(fields.find(([name]) => name === 'status')?.[1] ?? '200', 10);
  // Without content-length the body is chunked, so that a fault can shorten it.
  const headers = fields.filter(([name]) => name !== 'status' && name !== 'content-length');
  response.writeHead(status, Object.fromEntries(headers));

  async function* body(): Body {
    try {
      if (head.length > end + 4) yield head.subarray(end + 4);
      for (let next = await output.next(); !next.done; next = await output.next()) yield next.value;
    } finally {
      child.kill();
      child.stdout.destroy(); // unread output would keep the process from being seen as ended
    }
  }
  await sendBody(response, body(), change);
}

function endAnswer(response: http.ServerResponse, ending: Ending): void {
  const { socket } = response;
  switch (ending) {
    case 'end':
      response.end();
      return;
    case 'close':
      response.flushHeaders();
      socket?.destroySoon();
      return;
    case 'reset':
      // Only after what was written has left; a reset throws away what waits in the buffer.
      response.flushHeaders();
      response.write('', () => socket?.resetAndDestroy());
      return;
    case 'stall':
      response.flushHeaders();
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new Error('the stream is not binary');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
