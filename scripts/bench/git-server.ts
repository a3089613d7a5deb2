/**
 * The Git server of the benchmark, a program of its own: smart HTTP by the real `git http-backend`, as lean as it can
 * be, with a count of the requests. Arguments: the folder of the repositories, the folder of the recordings.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { parseGitRequest } from './servers/git-request.ts';
import { relay, startBackend } from './servers/http-backend.ts';
import { Recordings } from './servers/recordings.ts';
import { serve } from './servers/serving.ts';

const [root = '', recordingsFolder = ''] = process.argv.slice(2);
const recordings = new Recordings(recordingsFolder);
let requests = 0;

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = parseGitRequest(incoming);
  if (!request) {
    response.writeHead(404).end();
    return;
  }
  requests += 1;
  if (request.action === 'git-receive-pack') {
    const backend = startBackend(request, root);
    relay(backend, response);
    incoming.pipe(backend.stdin);
    return;
  }
  // The body of a fetch is small: ids of commits.
  const body = await buffer(incoming);
  if (request.way === 'replay' && recordings.replay(request, body, response)) return;
  const backend = startBackend(request, root);
  if (request.way === 'replay') recordings.record(request, body, backend);
  relay(backend, response);
  backend.stdin.end(body);
}

const server = createServer((incoming, response) => {
  answer(incoming, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});
await serve(server, 'http', () => ({ requests, bytes: 0 }));
