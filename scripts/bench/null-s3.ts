/**
 * A stand-in for S3, a program of its own: takes objects over TLS by one request or in parts, throws them away and
 * checks nothing, so that the client is what is measured. Arguments: the files of key and certificate, and how many
 * bytes a second it takes (0: as many as come).
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { finished } from 'node:stream/promises';
import { serve } from './servers/serving.ts';
import { Throttle } from './servers/throttle.ts';

const [keyFile = '', certificateFile = '', bytesPerSecond = '0'] = process.argv.slice(2);
const throttle = new Throttle(Number(bytesPerSecond));
let requests = 0;
let bytes = 0;

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  requests += 1;
  const query = new URL(incoming.url ?? '/', 'https://s3').searchParams;
  if (incoming.method === 'PUT') {
    bytes += Number(incoming.headers['content-length'] ?? 0);
    throttle.slowDown(incoming);
  }
  incoming.resume();
  await finished(incoming);
  if (incoming.method === 'PUT') response.setHeader('etag', '"0"').end();
  else if (incoming.method === 'DELETE') response.writeHead(204).end();
  else if (incoming.method === 'POST' && query.has('uploads'))
    xml(response, 200, '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
  else if (incoming.method === 'POST')
    xml(response, 200, '<CompleteMultipartUploadResult><ETag>"0"</ETag></CompleteMultipartUploadResult>');
  else if (query.has('list-type'))
    xml(response, 200, '<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>');
  else xml(response, 404, '<Error><Code>NoSuchKey</Code></Error>');
}

function xml(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${text}`);
}

const tls = { key: readFileSync(keyFile), cert: readFileSync(certificateFile) };
const server = createServer(tls, (incoming, response) => {
  answer(incoming, response).catch(() => response.destroy());
});
await serve(server, 'https', () => ({ requests, bytes }));
