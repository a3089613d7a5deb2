/**
 * Git LFS for servers of the tests: the batch API beside a repository, and on another port the storage to which it sends
 * clients, as at GitHub. A test can lose objects, limit and break them while clients are at work.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import type * as http from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { answerWith, listen } from './http-listener.ts';
import { credentials, record, requestUrl, type Credentials, type RecordedRequest } from './recorded-request.ts';

export interface LfsAccess extends Credentials {
  /** Path of the repository in the URL, without the leading slash: `acme/app.git`. */
  repository: string;
  write: boolean;
}

/** True, or the status with which it is refused. */
export type LfsDecision = (access: LfsAccess) => true | number;

export interface LfsServer {
  /** Answers what belongs to LFS; false for all else. */
  handle(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<boolean>;
  /** Puts an object there. @returns its pointer's content */
  put(content: Buffer): Promise<{ oid: string; pointer: string }>;
  /** Where an object lies, for a test that makes a large one or breaks it. */
  pathOf(oid: string): string;
  /** Objects that are refused, each with its code. */
  refused: Map<string, number>;
  /** What the batch API answers in place of an answer. */
  fault: { status: number; message: string; headers?: Record<string, string> } | undefined;
  /** After so many downloads storage answers 509. */
  quota: number;
  /** Seconds for which an address is good; it is not, and storage answers 403, where it is 0. */
  expiresIn: number | undefined;
  /** Batch requests so far. */
  batches: { operation: string; oids: string[]; hasAuthorization: boolean }[];
  /** Requests to storage so far. */
  transfers: RecordedRequest[];
  storageUrl: string;
  close(): Promise<void>;
}

const mediaType = 'application/vnd.git-lfs+json';
/** What storage wants to see, as the batch API says. */
const storageKey = 'storage-key-of-the-tests-0001';

interface BatchRequest {
  operation: 'download' | 'upload';
  objects: { oid: string; size: number }[];
}

export async function startLfs(root: string, decide: LfsDecision): Promise<LfsServer> {
  const folder = join(root, 'lfs-objects');
  await mkdir(folder, { recursive: true });
  let issued = 0;
  const valid = new Set<string>();

  const storage = await listen(async (incoming, response) => {
    server.transfers.push(record(incoming, response, 'other', Buffer.alloc(0)));
    const url = requestUrl(incoming);
    const oid = url.pathname.slice(1);
    const signed = valid.has(url.searchParams.get('signature') ?? '');
    if (incoming.headers['x-storage-key'] !== storageKey || !signed) {
      answerWith(response, { status: 403, body: 'the signature has expired' });
    } else if (incoming.method === 'PUT') {
      const partial = `${server.pathOf(oid)}.${process.pid}.partial`;
      await pipeline(incoming, createWriteStream(partial));
      const right =
        createHash('sha256')
          .update(await readFile(partial))
          .digest('hex') === oid;
      if (right) await rename(partial, server.pathOf(oid));
      answerWith(response, { status: right ? 200 : 400 });
    } else if (server.quota-- <= 0) answerWith(response, { status: 509, body: '{"message":"over its data quota"}' });
    else {
      const { size } = await stat(server.pathOf(oid));
      response.writeHead(200, { 'content-length': String(size) });
      await pipeline(createReadStream(server.pathOf(oid)), response).catch(() => undefined);
    }
  });

  const action = (oid: string) => {
    const signature = `signature-${++issued}`;
    const isGood = server.expiresIn !== 0;
    if (isGood) valid.add(signature);
    const expiry = server.expiresIn === undefined ? {} : { expires_in: Math.max(1, server.expiresIn) };
    // A server whose addresses are bad at once mends the next one, so that clients that ask again get on.
    if (!isGood) server.expiresIn = undefined;
    return { href: `${storage.url}/${oid}?signature=${signature}`, header: { 'X-Storage-Key': storageKey }, ...expiry };
  };

  const answer = async ({ operation, objects }: BatchRequest, origin: string) =>
    Promise.all(
      objects.map(async ({ oid, size }) => {
        const there = await stat(server.pathOf(oid)).then(
          (found) => found.isFile(),
          () => false,
        );
        const code = server.refused.get(oid) ?? (operation === 'download' && !there ? 404 : undefined);
        if (code !== undefined) return { oid, size, error: { code, message: `refused by ${code}` } };
        if (operation === 'download') return { oid, size, authenticated: true, actions: { download: action(oid) } };
        const verify = { href: `${origin}/verify/${oid}`, header: {} };
        return there ? { oid, size } : { oid, size, authenticated: true, actions: { upload: action(oid), verify } };
      }),
    );

  const server: LfsServer = {
    refused: new Map(),
    fault: undefined,
    quota: Infinity,
    expiresIn: undefined,
    batches: [],
    transfers: [],
    storageUrl: storage.url,
    pathOf: (oid) => join(folder, oid),
    close: () => storage.close(),

    async put(content) {
      const oid = createHash('sha256').update(content).digest('hex');
      await writeFile(server.pathOf(oid), content);
      return {
        oid,
        pointer: `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`,
      };
    },

    async handle(incoming, response) {
      const path = requestUrl(incoming).pathname;
      const [, repository, endpoint] = /^\/(.+\.git)\/info\/lfs\/(.+)$/.exec(path) ?? [];
      if (repository === undefined || endpoint === undefined) return false;
      const json = (status: number, body: object, headers: Record<string, string> = {}) =>
        answerWith(response, {
          status,
          headers: { 'content-type': mediaType, ...headers },
          body: JSON.stringify(body),
        });
      const body = await readAll(incoming);
      if (endpoint.startsWith('verify/')) {
        json(200, {});
        return true;
      }
      if (endpoint !== 'objects/batch' || incoming.method !== 'POST') {
        json(404, { message: 'Not found' });
        return true;
      }
      const request = JSON.parse(body.toString()) as BatchRequest;
      const oids = request.objects.map(({ oid }) => oid);
      const hasAuthorization = incoming.headers.authorization !== undefined;
      server.batches.push({ operation: request.operation, oids, hasAuthorization });
      const access = {
        ...credentials(incoming.headers.authorization),
        repository,
        write: request.operation === 'upload',
      };
      const decision = decide(access);
      const { fault } = server;
      if (decision !== true)
        json(decision, { message: 'Credentials needed' }, decision === 401 ? { 'lfs-authenticate': 'Basic' } : {});
      else if (fault) json(fault.status, { message: fault.message }, fault.headers);
      else if (incoming.headers.accept !== mediaType) json(406, { message: 'Not acceptable' });
      else {
        const origin = `http://${incoming.headers.host ?? ''}/${repository}/info/lfs`;
        json(200, { transfer: 'basic', objects: await answer(request, origin) });
      }
      return true;
    },
  };
  return server;
}

async function readAll(stream: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
