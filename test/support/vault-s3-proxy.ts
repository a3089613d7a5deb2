/**
 * A TLS proxy in front of S3's stand-in that does harm on request, for tests. TLS, since that is how S3 is reached:
 * uploads are then protected by their checksums alone.
 */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { selfSignedCertificate } from './http-listener.ts';

export type S3Operation =
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'DeleteObject'
  | 'HeadObject'
  | 'GetObject'
  | 'ListObjects';

export interface Answer {
  status: number;
  headers: http.OutgoingHttpHeaders;
  body: Buffer;
}

/** One request, and what can be done with it. */
export interface Exchange {
  readonly operation: S3Operation;
  readonly headers: http.IncomingHttpHeaders;
  /** The whole of the request's body. */
  body(): Promise<Buffer>;
  /** The stand-in's answer to the request with this body. */
  forward(body: Buffer): Promise<Answer>;
  reply(answer: Answer): void;
  /** Begins to answer, sends the first bytes of the body, and resets the connection. */
  replyInPart(answer: Answer, bytes: number): void;
  /** Waits for so many bytes of the request, and resets the connection. */
  resetAfter(bytes: number): Promise<void>;
  reset(): void;
}

export type Harm = (exchange: Exchange) => Promise<void> | void;

export interface S3Proxy {
  /** Every request, in the order of their beginnings. */
  readonly requests: { operation: S3Operation; headers: http.IncomingHttpHeaders }[];
  /** What becomes of the next requests of this kind, one each. */
  harm(operation: S3Operation, ...harms: Harm[]): void;
  /** What becomes of all further ones. */
  harmAlways(operation: S3Operation, harm: Harm): void;
  /** Forgets harms and requests. */
  clear(): void;
  readonly endpoint: string;
  /** Makes a client trust the proxy's certificate. */
  trustedBy(client: S3Client): S3Client;
  close(): Promise<void>;
}

/** What the SDK's handler for Node can do beyond its type. */
interface AgentTaker {
  updateHttpClientConfig(key: 'httpsAgent', agent: https.Agent): void;
}

export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const { key, cert } = await selfSignedCertificate();
  const requests: S3Proxy['requests'] = [];
  const harms = new Map<S3Operation, Harm[]>();
  const always = new Map<S3Operation, Harm>();
  const sockets = new Set<Duplex>();
  const server = https.createServer({ key, cert }, (incoming, outgoing) => {
    const exchange = exchangeOf(incoming, outgoing, target);
    requests.push({ operation: exchange.operation, headers: incoming.headers });
    const harm = harms.get(exchange.operation)?.shift() ?? always.get(exchange.operation) ?? passOn;
    Promise.resolve(harm(exchange)).catch(() => exchange.reset());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new https.Agent({ ca: cert, keepAlive: true });
  return {
    requests,
    harm(operation, ...more) {
      harms.set(operation, [...(harms.get(operation) ?? []), ...more]);
    },
    harmAlways(operation, harm) {
      always.set(operation, harm);
    },
    clear() {
      requests.length = 0;
      harms.clear();
      always.clear();
    },
    endpoint: `https://127.0.0.1:${port}`,
    trustedBy(client) {
      const handler = client.config.requestHandler as unknown as AgentTaker;
      handler.updateHttpClientConfig('httpsAgent', agent);
      return client;
    },
    async close() {
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

const passOn: Harm = async (exchange) => exchange.reply(await exchange.forward(await exchange.body()));

/** Flips one bit of the content that is uploaded. */
export function flipUpload(at: number): Harm {
  return async (exchange) => {
    const body = await exchange.body();
    body.writeUInt8(body.readUInt8(at) ^ 1, at);
    exchange.reply(await exchange.forward(body));
  };
}

/** Passes on only the beginning of the content that is uploaded. */
export function cutUpload(bytes: number): Harm {
  return async (exchange) => {
    const body = await exchange.body();
    exchange.reply(await exchange.forward(body.subarray(0, bytes)));
  };
}

/** Flips one bit of the content that is downloaded. */
export function flipDownload(at: number): Harm {
  return async (exchange) => {
    const answer = await exchange.forward(await exchange.body());
    answer.body.writeUInt8(answer.body.readUInt8(at) ^ 1, at);
    exchange.reply(answer);
  };
}

/** Resets the connection in the middle of a download. */
export function cutDownload(bytes: number): Harm {
  return async (exchange) => exchange.replyInPart(await exchange.forward(await exchange.body()), bytes);
}

/** Answers with an error, and passes nothing on. A status of 200 is how S3 fails once it has begun to answer. */
export function failWith(status: number, code: string): Harm {
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`,
  );
  return async (exchange) => {
    await exchange.body();
    exchange.reply({ status, headers: { 'content-type': 'application/xml' }, body });
  };
}

/** Resets the connection in the middle of a request. */
export function resetAfter(bytes: number): Harm {
  return (exchange) => exchange.resetAfter(bytes);
}

/** Lets the request succeed, and resets the connection in place of the answer. */
export const loseAnswer: Harm = async (exchange) => {
  await exchange.forward(await exchange.body());
  exchange.reset();
};

/** Passes the request on twice, and gives the second answer. */
export const deliverTwice: Harm = async (exchange) => {
  const body = await exchange.body();
  await exchange.forward(body);
  exchange.reply(await exchange.forward(body));
};

/** Takes the request and never answers. */
export const neverAnswer: Harm = async (exchange) => {
  await exchange.body();
};

/** Passes the request on when a promise has resolved. */
export function holdBack(until: Promise<void>): Harm {
  return async (exchange) => {
    await until;
    await passOn(exchange);
  };
}

function exchangeOf(incoming: http.IncomingMessage, outgoing: http.ServerResponse, target: string): Exchange {
  const { socket } = incoming;
  const reset = (): void => {
    socket.destroy();
  };
  return {
    operation: operationOf(incoming),
    headers: incoming.headers,
    async body() {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    forward: (body) => forward(incoming, target, body),
    reply({ status, headers, body }) {
      outgoing.writeHead(status, { ...headers, 'content-length': headers['content-length'] ?? body.length });
      outgoing.end(body);
    },
    replyInPart({ status, headers, body }, bytes) {
      outgoing.writeHead(status, headers);
      outgoing.write(body.subarray(0, bytes), reset);
    },
    async resetAfter(bytes) {
      let received = 0;
      for await (const chunk of incoming as AsyncIterable<Buffer>) {
        received += chunk.length;
        if (received >= bytes) break;
      }
      reset();
    },
    reset,
  };
}

async function forward(incoming: http.IncomingMessage, target: string, body: Buffer): Promise<Answer> {
  const request = http.request(new URL(incoming.url ?? '/', target), {
    method: incoming.method ?? 'GET',
    headers: { ...incoming.headers, 'content-length': String(body.length) },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 500, headers: response.headers, body: Buffer.concat(chunks) };
}

function operationOf(incoming: http.IncomingMessage): S3Operation {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'https://s3');
  switch (incoming.method) {
    case 'PUT':
      return searchParams.has('partNumber') ? 'UploadPart' : 'PutObject';
    case 'POST':
      return searchParams.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
    case 'DELETE':
      return searchParams.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'HEAD':
      return 'HeadObject';
    default:
      return pathname.split('/').filter(Boolean).length > 1 ? 'GetObject' : 'ListObjects';
  }
}
