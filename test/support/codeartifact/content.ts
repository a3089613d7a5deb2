/** What assets hold: bytes, bytes that are made while they are read, and uploads, of which large ones lie in a file. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { HashAlgorithm } from '@aws-sdk/client-codeartifact';

export type Hashes = Partial<Record<HashAlgorithm, string>> & { 'SHA-256': string };

export interface Content {
  /** In bytes. */
  readonly size: number;
  /** Lower-case hex, as CodeArtifact states them. */
  hashes(): Promise<Hashes>;
  read(): AsyncIterable<Buffer>;
}

const allAlgorithms: readonly HashAlgorithm[] = ['MD5', 'SHA-1', 'SHA-256', 'SHA-512'];
const chunkBytes = 65_536;

export function contentOf(data: string | Uint8Array): Content {
  const bytes = Buffer.from(data);
  return withHashes(bytes.length, async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes)
      yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
  });
}

/**
 * Content of any size that takes no memory, the same for the same size and seed, and different in each 64 KiB.
 * Beyond 256 MiB only its SHA-256 is stated: all four would take a minute for 5 GB.
 */
export function generatedContent({ size, seed = 'a' }: { size: number; seed?: string }): Content {
  const read = async function* (): AsyncIterable<Buffer> {
    const block = Buffer.alloc(Math.min(size, chunkBytes));
    for (let at = 0; at < block.length; at += 32) createHash('sha256').update(`${seed} ${at}`).digest().copy(block, at);
    for (let at = 0; at < size; at += chunkBytes) {
      const chunk = Buffer.from(block);
      if (at > 0) chunk.writeDoubleBE(at);
      yield await Promise.resolve(chunk.subarray(0, size - at));
    }
  };
  return withHashes(size, read, size > 256 * 1024 * 1024 ? ['SHA-256'] : allAlgorithms);
}

/** Takes an upload; what is larger than 8 MiB goes to a file in the folder. */
export async function receive(stream: AsyncIterable<Buffer>, folder: string): Promise<Content> {
  let chunks: Buffer[] = [];
  let size = 0;
  let written: { path: string; file: Awaited<ReturnType<typeof open>> } | undefined;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      if (!written && size > 8 * 1024 * 1024) {
        const path = join(folder, createHash('sha256').update(`${process.hrtime.bigint()}`).digest('hex'));
        written = { path, file: await open(path, 'wx') };
      }
      if (written) {
        await written.file.writeFile(Buffer.concat(chunks));
        chunks = [];
      }
    }
  } finally {
    await written?.file.close();
  }
  if (!written) return contentOf(Buffer.concat(chunks));
  const { path } = written;
  return withHashes(size, () => createReadStream(path) as AsyncIterable<Buffer>);
}

function withHashes(size: number, read: () => AsyncIterable<Buffer>, algorithms = allAlgorithms): Content {
  let known: Promise<Hashes> | undefined;
  return { size, read, hashes: () => (known ??= hash(read(), algorithms)) };
}

async function hash(chunks: AsyncIterable<Buffer>, algorithms: readonly HashAlgorithm[]): Promise<Hashes> {
  const running = algorithms.map((name) => [name, createHash(name.replace('-', ''))] as const);
  let sinceLastBreath = 0;
  for await (const chunk of chunks) {
    for (const [, digest] of running) digest.update(chunk);
    sinceLastBreath += chunk.length;
    if (sinceLastBreath < 16 * 1024 * 1024) continue;
    sinceLastBreath = 0;
    await breathe(); // others are served in between
  }
  const hashes: Partial<Record<HashAlgorithm, string>> = {};
  for (const [name, digest] of running) hashes[name] = digest.digest('hex');
  const { 'SHA-256': sha256 = '' } = hashes;
  return { ...hashes, 'SHA-256': sha256 };
}
