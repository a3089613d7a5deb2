import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Figures } from './server-process.ts';

/** Listens on a free port of this machine, tells it to the process above, and ends with that one. */
export async function serve(server: Server, scheme: 'http' | 'https', figures: () => Figures): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  process.on('message', () => process.send?.(figures()));
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole group; the process above decides when to end.
  process.on('SIGINT', () => undefined);
  process.send?.({ url: `${scheme}://127.0.0.1:${address.port}` });
}
