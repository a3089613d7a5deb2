/** HTTP servers for tests: listening, answering, and ending an answer as a fault wants it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Answer, Body, BodyChange, Ending } from './git-faults.ts';

export interface Tls {
  key: string | Buffer;
  cert: string | Buffer;
}

/** A listening server. */
export interface Listening {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  port: number;
  /** Ends all connections and the processes behind them. */
  close(): Promise<void>;
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
  // By default Node closes idle connections after 5 s, also just as a client uses one again that does not try twice.
  server.keepAliveTimeout = 120_000;
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
