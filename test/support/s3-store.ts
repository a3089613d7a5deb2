/**
 * A store that speaks S3 and is not AWS's, for tests: in memory, buckets in the path alone, and with the habits of such
 * stores by switches.
 */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StoreHabits {
  /** What becomes of `If-None-Match: *`: heeded, passed over as by old Ceph, or refused as not implemented. */
  conditions?: 'heeded' | 'ignored' | 'refused';
  /** Newer checksums are refused, as by Backblaze and OVH once. */
  refusesChecksums?: boolean;
  /** The same of completed uploads in parts, where a store treats these otherwise. */
  conditionsOfUploads?: 'ignored' | 'refused';
  /** All parts of an upload but the last must be of one size, as at R2. */
  wantsEqualParts?: boolean;
  /** The bucket is known by the host's name alone, which ends with this. */
  virtualHost?: string;
  /** Neither ETags that say anything of the content, nor checksums in answers. */
  saysLittle?: boolean;
  /** Another region than the one that is asked answers with a redirect. */
  region?: string;
  /** The only part of the bucket that may be listed, so that what is missing anywhere is "access denied", as at AWS. */
  listable?: string;
}

interface Stored {
  content: Buffer;
  metadata: Record<string, string>;
  modified: Date;
}

export interface S3Store {
  endpoint: string;
  /** By `bucket/key`. */
  objects: Map<string, Stored>;
  habits: StoreHabits;
  requests: { method: string; url: string; headers: http.IncomingHttpHeaders }[];
  close(): Promise<void>;
}

export async function startS3Store(habits: StoreHabits = {}): Promise<S3Store> {
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, { metadata: Record<string, string>; parts: Map<number, Buffer> }>();
  const requests: S3Store['requests'] = [];
  const store: S3Store = { endpoint: '', objects, habits, requests, close };

  const server = http.createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = '', headers, url = '' } = request;
    requests.push({ method, url, headers });
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams: query } = new URL(url, 'http://s3');
    const { virtualHost } = store.habits;
    const bucketOfHost = virtualHost === undefined ? '' : (headers.host ?? '').replace(`.${virtualHost}`, '/');
    const path = `${bucketOfHost}${decodeURIComponent(pathname.slice(1))}`;
    const send = (status: number, xml = '', more: http.OutgoingHttpHeaders = {}): void => {
      response.writeHead(status, { 'content-type': 'application/xml', ...more }).end(method === 'HEAD' ? '' : xml);
    };
    const refuse = (status: number, code: string, message = code): void =>
      send(status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);

    if (virtualHost !== undefined && !(headers.host ?? '').endsWith(`.${virtualHost}`)) {
      refuse(400, 'SecondLevelDomainForbidden', 'Please use virtual hosted style to access');
      return;
    }
    const signed = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    if (store.habits.region !== undefined && signed !== store.habits.region) {
      const elsewhere = { 'x-amz-bucket-region': store.habits.region };
      send(301, '<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>', elsewhere);
      return;
    }
    const newer = Object.keys(headers).filter((name) => /^x-amz-(checksum|sdk-checksum)-/.test(name));
    if (store.habits.refusesChecksums && (newer.length > 0 || headers['x-amz-trailer'] !== undefined)) {
      refuse(400, 'InvalidArgument', `Unsupported header '${newer[0] ?? ''}'`);
      return;
    }
    const conditional = headers['if-none-match'] === '*';
    const conditions = (method === 'POST' ? store.habits.conditionsOfUploads : undefined) ?? store.habits.conditions;
    if (conditional && conditions === 'refused') {
      refuse(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
      return;
    }
    const md5 = headers['content-md5'];
    if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
      refuse(400, 'BadDigest');
      return;
    }

    const metadata = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith('x-amz-meta-') && typeof value === 'string' ? [[name, value]] : [],
      ),
    );
    const etag = (content: Buffer): string =>
      `"${store.habits.saysLittle ? randomUUID() : createHash('md5').update(content).digest('hex')}"`;
    const create = (content: Buffer, bearing: Record<string, string>): void => {
      if (conditional && conditions !== 'ignored' && objects.has(path)) refuse(412, 'PreconditionFailed');
      else {
        objects.set(path, { content, metadata: bearing, modified: new Date() });
        if (query.has('uploadId'))
          send(200, `<CompleteMultipartUploadResult><ETag>${etag(content)}</ETag></CompleteMultipartUploadResult>`);
        else send(200, '', { etag: etag(content) });
      }
    };
    const uploadId = query.get('uploadId') ?? '';
    const upload = uploads.get(uploadId);
    switch (method) {
      case 'PUT': {
        if (!query.has('partNumber')) {
          create(body, metadata);
          return;
        }
        if (!upload) {
          refuse(404, 'NoSuchUpload');
          return;
        }
        upload.parts.set(Number(query.get('partNumber')), body);
        send(200, '', { etag: etag(body) });
        return;
      }
      case 'POST': {
        if (query.has('uploads')) {
          const id = randomUUID();
          uploads.set(id, { metadata, parts: new Map() });
          send(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
          return;
        }
        if (!upload) {
          refuse(404, 'NoSuchUpload');
          return;
        }
        const sizes = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part.length);
        if (store.habits.wantsEqualParts && new Set(sizes.slice(0, -1)).size > 1) {
          refuse(400, 'InvalidPart', 'All non-trailing parts must have the same length.');
          return;
        }
        uploads.delete(uploadId);
        const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
        create(Buffer.concat(parts), upload.metadata);
        return;
      }
      case 'DELETE':
        if (uploadId === '') objects.delete(path);
        else uploads.delete(uploadId);
        {
          send(204);
          return;
        }
      default: {
        if (!path.includes('/') || query.has('list-type')) {
          const bucket = path.replace(/\/$/, '');
          if (!(query.get('prefix') ?? '').startsWith(store.habits.listable ?? '')) {
            refuse(403, 'AccessDenied');
            return;
          }
          const prefix = `${bucket}/${query.get('prefix') ?? ''}`;
          const found = [...objects].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
          const contents = found.map(
            ([key, { content, modified }]) =>
              `<Contents><Key>${key.slice(bucket.length + 1)}</Key><Size>${content.length}</Size><LastModified>${modified.toISOString()}</LastModified></Contents>`,
          );
          send(200, `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`);
          return;
        }
        const found = objects.get(path);
        if (!found) {
          if (store.habits.listable === undefined) refuse(404, 'NoSuchKey');
          else refuse(403, 'AccessDenied');
          return;
        }
        response.writeHead(200, {
          ...found.metadata,
          'content-length': found.content.length,
          etag: etag(found.content),
        });
        response.end(method === 'HEAD' ? undefined : found.content);
      }
    }
  }

  async function close(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  store.endpoint = `http://localhost:${(server.address() as AddressInfo).port}`;
  return store;
}
