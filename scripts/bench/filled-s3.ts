/**
 * A stand-in for S3 that holds the snapshots and records of many items, made as they are asked for: one real snapshot of a
 * small repository under many names, and unchanged ones after it. Arguments: items, snapshots of each, and a folder
 * vault with that one snapshot. Sends its parent its port and the id of the last run, which has a map's results, but no
 * list and no report yet.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { readManifest, writeManifest, type Manifest } from '#core/vault/manifest.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf, timeOf } from '#core/vault/snapshot-id.ts';

const [items = 0, snapshots = 0] = process.argv.slice(2, 4).map(Number);
const [, , , , original = '', key = ''] = process.argv;
const { manifest: model } = readManifest(readFileSync(path.join(original, key)), key);
const bundle = readFileSync(path.join(original, model.data[0]?.key ?? ''));
const pageSize = 1000;
const began = Date.UTC(2025, 0, 1);
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

interface Held {
  content: () => Buffer;
  bytes: number;
  modified: string;
}

const objects = new Map<string, Held>();
const runs = Array.from({ length: snapshots }, (_, month) => snapshotIdOf(new Date(began + month * 30 * 86_400_000)));
const [first = ''] = runs;

function itemOf(number: number): Manifest['item'] {
  const name = `repository-${String(number).padStart(6, '0')}`;
  return { source: 'github', id: `${number}`, path: ['acme', name], name: `acme/${name}` };
}

/** The first of an item has all; those after it are equal to it. */
function manifestOf(item: Manifest['item'], run: string): { text: string; digest: string } {
  const prefix = itemPrefix('github', item.path);
  const data = model.data.map((one) => ({ ...one, key: `${prefix}${first}/0a1b2c3d-repository.bundle` }));
  if (run === first) return writeManifest({ ...model, item, snapshot: run, data });
  const parent = { item: prefix, snapshot: first, digest: manifestOf(item, first).digest };
  const { omitted, warnings } = model;
  return writeManifest({
    format: 2,
    item,
    snapshot: run,
    kind: 'unchanged',
    parent,
    chain: [],
    data: [],
    omitted,
    warnings,
  });
}

for (const run of runs) {
  const modified = timeOf(run).toISOString();
  const put = (key: string, text: string): void => {
    const content = Buffer.from(text);
    objects.set(key, { content: () => content, bytes: content.length, modified });
  };
  const lines: string[] = [];
  const outcomes: object[] = [];
  const mapped: object[] = [];
  for (let item = 0; item < items; item++) {
    const it = itemOf(item);
    const prefix = itemPrefix('github', it.path);
    const manifest = `${prefix}${run}/manifest.json`;
    const { text } = manifestOf(it, run);
    const content = (): Buffer => Buffer.from(manifestOf(it, run).text);
    objects.set(manifest, { content, bytes: Buffer.byteLength(text), modified });
    if (run === first)
      objects.set(`${prefix}${run}/0a1b2c3d-repository.bundle`, {
        content: () => bundle,
        bytes: bundle.length,
        modified,
      });
    lines.push(`${sha256(text)}  ${manifest}\n`);
    outcomes.push({ outcome: 'unchanged', item: it, prefix, snapshot: run });
    mapped.push({
      Input: JSON.stringify({ item: { item: it } }),
      Output: JSON.stringify({ prefix, snapshot: run }),
    });
  }
  put(`runs/github/${run}/inventory.json`, '{}');
  if (run === runs.at(-1)) {
    put('map/SUCCEEDED_0.json', JSON.stringify(mapped));
    put('map/manifest.json', JSON.stringify({ ResultFiles: { SUCCEEDED: [{ Key: 'map/SUCCEEDED_0.json' }] } }));
    continue;
  }
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
