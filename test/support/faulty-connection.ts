/** A way to a server on this machine that breaks in the middle of what is sent through it, for tests. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FaultyConnection {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  /** Resets the connection on which the server is sent more than so many bytes, counted from now over all of them. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

export async function startFaultyConnection(port: number): Promise<FaultyConnection> {
  let left = Infinity;
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    const both = [incoming, outgoing];
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const one of both) one.destroy();
      });
    }
    incoming.on('data', (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, Math.max(0, left)));
      left -= chunk.length;
      if (left < 0) for (const socket of both) socket.resetAndDestroy();
    });
    incoming.on('end', () => outgoing.end());
    outgoing.pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (bytes) => (left = bytes),
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
