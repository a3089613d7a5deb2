/** What a server of the tests remembers of each request. */
import type * as http from 'node:http';
import { constants, gunzipSync } from 'node:zlib';
import type { RequestKind } from './git-faults.ts';

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

/** What the Authorization header of a request holds. */
export interface Credentials {
  scheme: 'none' | 'basic' | 'bearer';
  /** The user of Basic; otherwise empty. */
  user: string;
  /** The password of Basic or the token of Bearer; otherwise empty. */
  secret: string;
}

/** The user and the password or token of an Authorization header. `token …` counts as Bearer, as at GitHub. */
export function credentials(authorization = ''): Credentials {
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

export function requestUrl(incoming: http.IncomingMessage): URL {
  return new URL(incoming.url ?? '/', 'http://server');
}
