/**
 * The smallest client that can fetch: asks for the refs, sends a fetch that another client has sent before, and
 * writes the answer to a file as it comes, framing and all. Checks nothing and makes nothing safe on disk.
 * Arguments: the repository's URL, the file of the fetch's body, the file for the answer.
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';

const [url, bodyFile, target] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });

function send(method, address, headers, body) {
  return new Promise((resolve, reject) => {
    http.request(address, { method, headers, agent }, resolve).on('error', reject).end(body);
  });
}

const refs = await send('GET', `${url}/info/refs?service=git-upload-pack`, {});
await once(refs.resume(), 'end');
const body = readFileSync(bodyFile);
const answer = await send(
  'POST',
  `${url}/git-upload-pack`,
  {
    'git-protocol': 'version=2',
    'content-type': 'application/x-git-upload-pack-request',
    'content-length': body.length,
  },
  body,
);
await pipeline(answer, createWriteStream(target));
agent.destroy();
