import { createHash } from 'node:crypto';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { DataObject } from './manifest.ts';
import type { Vault } from './storage/vault.ts';

/**
 * The bytes of a stored object, proven while they pass: the last chunk is held back until length and SHA-256 match,
 * so that no consumer can take damaged data for intact, not even one that knows the length and stops there.
 * @throws {HoldfastError} Damaged
 */
export async function* readProven(vault: Vault, data: DataObject): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  let heldBack: Buffer | undefined;
  try {
    for await (const chunk of vault.read(data.key)) {
      // After an empty chunk the last bytes would not be held back any more.
      if (chunk.length === 0) continue;
      hash.update(chunk);
      bytes += chunk.length;
      if (heldBack && bytes <= data.bytes) yield heldBack;
      heldBack = chunk;
    }
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
    throw new HoldfastError('Damaged', `${data.key} is gone from the vault`, { cause: error, advice: otherCopies });
  }
  if (bytes !== data.bytes)
    throw new HoldfastError('Damaged', `${data.key} has ${bytes} bytes instead of ${data.bytes}`, {
      advice: otherCopies,
    });
  if (hash.digest('hex') !== data.sha256)
    throw new HoldfastError('Damaged', `${data.key} does not match the SHA-256 in its manifest`, {
      advice: otherCopies,
    });
  if (heldBack) yield heldBack;
}

/**
 * Reads a stored object to its end, which proves its bytes.
 * @param count takes the bytes that were read so far, and may end it by throwing
 * @throws {HoldfastError} Damaged
 */
export async function proveBytes(vault: Vault, data: DataObject, count: (bytes: number) => void): Promise<void> {
  let bytes = 0;
  for await (const chunk of readProven(vault, data)) count((bytes += chunk.length));
}

const otherCopies =
  'If the bucket is versioned, an older version of the object may be intact; or try another snapshot.';
