import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { plainEnvironment } from '../measure/environment.ts';
import type { GitRequest } from './git-request.ts';

export type Backend = ChildProcessByStdio<Writable, Readable, null>;

/** Called without `git` before it, which would be one process more for each request. */
const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

/** Git's settings as it takes them from its environment. */
const configuration = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'http.receivepack',
  GIT_CONFIG_VALUE_0: 'true',
  GIT_CONFIG_KEY_1: 'receive.autogc',
  GIT_CONFIG_VALUE_1: 'false',
};

/** Starts git's own server program for one request (git-http-backend, CGI: RFC 3875). */
export function startBackend(request: GitRequest, root: string): Backend {
  const { headers, method = 'GET' } = request.incoming;
  const protocol = headers['git-protocol'];
  const backend = spawn(program, {
    env: plainEnvironment({
      ...configuration,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${request.repository}/${request.action}`,
      QUERY_STRING: request.query,
      REQUEST_METHOD: method,
      CONTENT_TYPE: headers['content-type'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
      ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
      ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // It may end before it has read everything; then its answer says why.
  backend.stdin.on('error', () => undefined);
  return backend;
}

/** Passes the program's answer on: its CGI headers become those of HTTP, and the rest flows. */
export function relay(backend: Backend, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const takeHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    backend.stdout.off('data', takeHead);
    const lines = head.toString('latin1', 0, end).split('\r\n');
    const headers = lines.map((line) => line.split(': ', 2) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), headers.filter(([name]) => name !== 'Status').flat());
    response.write(head.subarray(end + 4));
    backend.stdout.pipe(response);
  };
  backend.stdout.on('data', takeHead);
  backend.once('close', () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
  response.once('close', () => backend.kill());
}
