/** Streams for tests: bytes cut into chunks in every way that a network may cut them. */
import fc from 'fast-check';
import { HoldfastError } from '#core/runtime/errors.ts';

/** Sizes of chunks, used in turn until the bytes run out; empty chunks are among them. */
export const chunkSizes = fc
  .array(fc.oneof(fc.nat(3), fc.nat(100)), { minLength: 1, maxLength: 12 })
  .filter((sizes) => sizes.some((size) => size > 0));

/** Cuts bytes into chunks of these sizes, over and over. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(Buffer.from(bytes.slice(at, at + size)));
    at += size;
  }
  return chunks;
}

/** Yields chunks as a network would: not all at once. */
export async function* streamOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Everything that comes. */
export async function allOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The error with which a promise is rejected. Fails the test when it is not, or not by an error of ours. */
export async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

/** The same for a call that fails at once. */
export function failureIn(call: () => unknown): HoldfastError {
  try {
    call();
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}
