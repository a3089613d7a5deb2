/** Content for vault tests: the same bytes every time, and no two blocks alike. */
import { createHash } from 'node:crypto';
import type { ErrorCode } from '#core/runtime/errors.ts';
import type { ObjectWriter, Vault } from '#core/vault/storage/vault.ts';
import { collect, failureOf } from './streams.ts';

export function contentOf(bytes: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = seed;
  for (let at = 0; at < words.length; at++) {
    // Xorshift: https://www.jstatsoft.org/article/view/v008i14
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, bytes);
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Writes in chunks of this size, all from the same memory, overwritten as soon as the writer allows it. */
export async function writeReusing(writer: ObjectWriter, content: Buffer, chunkBytes: number): Promise<void> {
  const chunk = Buffer.alloc(chunkBytes);
  for (let at = 0; at < content.length; at += chunkBytes) {
    const copied = content.copy(chunk, 0, at, at + chunkBytes);
    await writer.write(chunk.subarray(0, copied));
    chunk.fill(0xee);
  }
}

/** Stores an object as a stream. */
export async function store(vault: Vault, key: string, content: Uint8Array): Promise<void> {
  const writer = vault.writer(key);
  await writer.write(content);
  await writer.finish();
}

/** All of an object; undefined where there is none. */
export async function stored(vault: Vault, key: string): Promise<Buffer | undefined> {
  return (await vault.stat(key)) && collect(vault.read(key));
}

export async function keysOf(vault: Vault, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of vault.list(prefix)) keys.push(key);
  return keys;
}

/** The code of the error with which something must fail. */
export async function codeOf(failing: Promise<unknown> | undefined): Promise<ErrorCode> {
  return (await failureOf(Promise.resolve(failing))).code;
}
