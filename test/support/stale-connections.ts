/** A way to a server on this machine that resets each connection as a second request comes on it, for tests. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface StaleConnections {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  /** How many connections it has reset. */
  resets: number;
  close(): Promise<void>;
}

/** What a client meets that uses a kept connection again just when the server has closed it for having been idle. */
export async function startStaleConnections(port: number): Promise<StaleConnections> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    let answered = false;
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.on('data', (chunk: Buffer) => {
      if (!answered) outgoing.write(chunk);
      else {
        stale.resets++;
        incoming.resetAndDestroy();
      }
    });
    outgoing.on('data', (chunk: Buffer) => {
      // "100 Continue" is no answer yet.
      answered ||= !chunk.toString('latin1').startsWith('HTTP/1.1 100');
      incoming.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stale: StaleConnections = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resets: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
  return stale;
}
