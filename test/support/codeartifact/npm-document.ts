/**
 * The document by which npm publishes: what the registry is to say of the package, and the tarball in base64 within
 * it. https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md and npm's own libnpmpublish.
 */
import * as v from 'valibot';
import { collect } from '../streams.ts';
import type { Content } from './content.ts';
import { badRequest } from './problem.ts';

const manifest = v.looseObject({
  name: v.string(),
  version: v.string(),
  dist: v.optional(v.looseObject({ integrity: v.optional(v.string()), shasum: v.optional(v.string()) })),
});

const document = v.object({
  name: v.string(),
  versions: v.optional(v.record(v.string(), manifest), {}),
  'dist-tags': v.optional(v.record(v.string(), v.string()), {}),
  _attachments: v.optional(v.record(v.string(), v.object({ length: v.optional(v.number()) })), {}),
});

export type NpmManifest = v.InferOutput<typeof manifest>;

export interface NpmDocument extends v.InferOutput<typeof document> {
  tarball: Content | undefined;
}

/** Reads a document, which may be of any size, since its tarball is received while it comes. */
export async function readNpmDocument(
  body: AsyncIterable<Buffer>,
  receive: (stream: AsyncIterable<Buffer>) => Promise<Content>,
): Promise<NpmDocument> {
  const chunks = body[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let start: number | undefined;
  while ((start = dataStart(head)) === undefined) {
    const value = await next(chunks);
    if (!value) return { ...parse(head.toString()), tarball: undefined };
    head = Buffer.concat([head, value]);
  }
  let tail: Buffer = Buffer.alloc(0);
  const encoded = async function* (): AsyncGenerator<Buffer> {
    for (let chunk = head.subarray(start); ;) {
      const end = chunk.indexOf('"');
      if (end >= 0) tail = chunk.subarray(end);
      yield end >= 0 ? chunk.subarray(0, end) : chunk;
      if (end >= 0) return;
      const value = await next(chunks);
      if (!value) return;
      chunk = value;
    }
  };
  const tarball = await receive(fromBase64(encoded()));
  const rest = await collect({ [Symbol.asyncIterator]: () => chunks });
  const text = Buffer.concat([head.subarray(0, start), tail, rest]).toString();
  return { ...parse(text), tarball };
}

async function next(chunks: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const result = await chunks.next();
  return result.done === true ? undefined : result.value;
}

/** Where the tarball begins, once that much of the document has come. */
function dataStart(head: Buffer): number | undefined {
  const text = head.toString('latin1');
  const attachments = text.indexOf('"_attachments"');
  if (attachments < 0) return undefined;
  const found = /"data"\s*:\s*"/g;
  found.lastIndex = attachments;
  return found.exec(text) ? found.lastIndex : undefined;
}

async function* fromBase64(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + chunk.toString('latin1');
    const whole = text.length - (text.length % 4);
    rest = text.slice(whole);
    yield Buffer.from(text.slice(0, whole), 'base64');
  }
  if (rest !== '') throw badRequest('the tarball is not base64');
}

function parse(text: string): v.InferOutput<typeof document> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw badRequest('the document is not JSON');
  }
  const result = v.safeParse(document, input);
  if (result.success) return result.output;
  throw badRequest(result.issues.map((issue) => `${v.getDotPath(issue) ?? 'document'}: ${issue.message}`).join('; '));
}
