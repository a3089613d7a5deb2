/** The real `git http-backend` as a child process behind one request. */
import type { ChildProcessByStdio } from 'node:child_process';
import type * as http from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { Body, BodyChange } from './git-faults.ts';
import { sendBody } from './http-listener.ts';
import { requestUrl, type RecordedRequest } from './recorded-request.ts';

export interface BackendOptions {
  /** Folder that holds the bare repositories; `/acme/app.git` in a URL is `acme/app.git` in it. */
  root: string;
  /** `v0` ignores the Git-Protocol header, as old servers do. Default `v2`. */
  protocol?: 'v2' | 'v0';
  /** Git configuration of the server, such as `{ 'uploadpack.allowFilter': 'true' }`. */
  config?: Readonly<Record<string, string>>;
}

export function backendEnvironment(options: BackendOptions, incoming: http.IncomingMessage, path: string) {
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
export function feed(stdin: Writable, body: Buffer | null, incoming: Readable, request: RecordedRequest): void {
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
export async function relay(
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
