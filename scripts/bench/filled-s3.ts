/**
 * A stand-in for S3 that holds the manifests and records of many snapshots, made as they are asked for. Arguments: items,
 * and snapshots of each. Tells its parent its port and the id of the last run, which has no list and no report yet.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const [items = 0, snapshots = 0] = process.argv.slice(2).map(Number);
const pageSize = 1000;
const began = Date.UTC(2025, 0, 1);
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

interface Held {
  content: () => Buffer;
  bytes: number;
  modified: string;
}

const objects = new Map<string, Held>();
const runs = Array.from({ length: snapshots }, (_, month) =>
  new Date(began + month * 30 * 86_400_000).toISOString().replace(/(\d\d):(\d\d):(\d\d)/, '$1$2$3'),
);
const prefixOf = (item: number): string => `github/acme/repository-${String(item).padStart(6, '0')}/`;
// As large as those of a repository with some refs, and none alike.
const manifestText = (key: string): string => `{ "of": "${key}" }${' '.repeat(1400)}\n`;

for (const run of runs) {
  const modified = run.replace(/T(\d\d)(\d\d)(\d\d)/, 'T$1:$2:$3');
  const put = (key: string, text: string): void => {
    const content = Buffer.from(text);
    objects.set(key, { content: () => content, bytes: content.length, modified });
  };
  const lines: string[] = [];
  const outcomes: object[] = [];
  for (let item = 0; item < items; item++) {
    const prefix = prefixOf(item);
    const key = `${prefix}${run}/manifest.json`;
    const bytes = manifestText(key).length;
    objects.set(key, { content: () => Buffer.from(manifestText(key)), bytes, modified });
    if (item % 10 === 0) put(`${prefix}${run}/0a1b2c3d-repository.bundle`, '');
    lines.push(`${sha256(manifestText(key))}  ${key}\n`);
    const path = ['acme', prefix.slice('github/acme/'.length, -1)];
    outcomes.push({
      outcome: 'unchanged',
      item: { source: 'github', id: `${item}`, path, name: path.join('/') },
      prefix,
      snapshot: run,
    });
  }
  put(`runs/github/${run}/inventory.json`, '{}');
  if (run === runs.at(-1)) continue;
  lines.push(`${sha256('{}')}  runs/github/${run}/inventory.json\n`);
  const before = runs[runs.indexOf(run) - 1];
  for (const file of before === undefined ? [] : ['report.json', 'chain.sha256']) {
    const key = `runs/github/${before}/${file}`;
    lines.push(`${sha256(objects.get(key)?.content() ?? '')}  ${key}\n`);
  }
  put(`runs/github/${run}/chain.sha256`, lines.join(''));
  const list = { key: `runs/github/${run}/chain.sha256`, sha256: sha256(lines.join('')) };
  const coverage = { listed: items, stored: 0, unchanged: items, skipped: 0, failed: 0 };
  const whole = {
    source: 'github',
    run,
    result: 'complete',
    coverage,
    bytes: 0,
    started: modified,
    finished: modified,
  };
  const chain = { list, before: [], snapshots: 0, manifests: '', missing: 0 };
  put(`runs/github/${run}/report.json`, JSON.stringify({ ...whole, chain, warnings: [], items: outcomes }));
}

let keys = [...objects.keys()].sort();

function firstFrom(wanted: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listing(query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token');
  const begin = after === null ? firstFrom(prefix) : firstFrom(after) + 1;
  const page = keys.slice(begin, begin + pageSize).filter((key) => key.startsWith(prefix));
  const more = page.length === pageSize;
  const contents = page.map((key) => {
    const { bytes = 0, modified = '' } = objects.get(key) ?? {};
    return `<Contents><Key>${key}</Key><Size>${bytes}</Size><LastModified>${modified}</LastModified></Contents>`;
  });
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
  const key = decodeURIComponent(pathname).replace(/^\/bench\/?/, '');
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (request.method === 'PUT') {
    const content = Buffer.concat(chunks);
    objects.set(key, { content: () => content, bytes: content.length, modified: new Date().toISOString() });
    keys = [...objects.keys()].sort();
    response.setHeader('etag', '"0"').end();
  } else if (searchParams.has('list-type'))
    response.setHeader('content-type', 'application/xml').end(listing(searchParams));
  else {
    const found = objects.get(key)?.content();
    if (found) response.writeHead(200, { 'content-length': found.length }).end(request.method === 'HEAD' ? '' : found);
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ port: (server.address() as AddressInfo).port, last: runs.at(-1) });
