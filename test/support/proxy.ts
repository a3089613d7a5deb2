/** A forward proxy for tests: passes on plain requests and tunnels, and remembers them. */
import * as http from 'node:http';
import * as https from 'node:https';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Tls } from './http-listener.ts';

export interface Proxy {
  /** For `http_proxy` and its like. */
  url: string;
  /** What was asked of it: `GET http://…` and `CONNECT host:port`. */
  asked: string[];
  /** The Proxy-Authorization header of each request. */
  logins: (string | undefined)[];
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** A status with which it answers instead. */
  refuse?: number;
  /** Repeats, where it refuses, all headers that it was sent, as some do. */
  repeats?: boolean;
  /** Where every plain request goes, whatever its host: an origin. */
  everythingTo?: string;
  /** Makes it a proxy that is reached by https. */
  tls?: Tls;
}

export async function startProxy({ refuse, repeats = false, everythingTo, tls }: ProxyOptions = {}): Promise<Proxy> {
  const asked: string[] = [];
  const logins: (string | undefined)[] = [];
  const tunnels = new Set<Duplex>();
  const remember = ({ method = '', url = '', headers }: http.IncomingMessage) => {
    asked.push(`${method} ${url}`);
    logins.push(headers['proxy-authorization']);
  };

  const refusal = ({ headers }: http.IncomingMessage): string =>
    repeats ? `not with ${JSON.stringify(headers)}\n` : 'not through here\n';

  const answer = (incoming: http.IncomingMessage, response: http.ServerResponse): void => {
    remember(incoming);
    if (refuse !== undefined) {
      response.writeHead(refuse, { 'content-type': 'text/plain' }).end(refusal(incoming));
      return;
    }
    const {
      method,
      headers: { 'proxy-authorization': _login, 'proxy-connection': _connection, ...headers },
    } = incoming;
    const asked = new URL(incoming.url ?? '');
    const target = everythingTo === undefined ? asked : new URL(`${asked.pathname}${asked.search}`, everythingTo);
    const outgoing = http.request(target, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  };
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  server.on('connect', (incoming: http.IncomingMessage, socket: Duplex) => {
    remember(incoming);
    if (refuse !== undefined) {
      const body = refusal(incoming);
      socket.end(
        `HTTP/1.1 ${refuse} No\r\nX-Sent: ${repeats ? (incoming.headers['proxy-authorization'] ?? '') : ''}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    const { hostname, port } = new URL(`http://${incoming.url ?? ''}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [socket, target]) {
      tunnels.add(end);
      end.on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    for (const tunnel of tunnels) tunnel.destroy();
    await closed;
  };
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`, asked, logins, close };
}
