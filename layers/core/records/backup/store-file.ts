import { createHash, randomBytes } from 'node:crypto';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import type { SourceFile } from '#core/sources/records.ts';
import { assetKey } from '#core/vault/layout.ts';
import type { RecordFile } from '#core/vault/manifest.ts';
import type { WriteRequest } from '../write-records.ts';

export interface StoreFileRequest extends WriteRequest {
  retry: RetryPolicy;
  signal?: AbortSignal | undefined;
}

/**
 * Streams a file into the vault, and takes it for whole only where its length, and its digest where the source states
 * one, are right.
 * @throws {HoldfastError} Truncated, Corrupt, and what reading throws
 */
export function storeFile(request: StoreFileRequest, file: SourceFile): Promise<RecordFile> {
  return retry(() => storeOnce(request, file), request.retry, { signal: request.signal });
}

async function storeOnce(
  { vault, item, snapshot, tags, signal, onProgress }: StoreFileRequest,
  file: SourceFile,
): Promise<RecordFile> {
  const garbage = new YoungGarbage();
  const hash = createHash('sha256');
  const writer = vault.writer(assetKey(item, snapshot, randomBytes(4).toString('hex'), file.name), tags);
  try {
    let bytes = 0;
    for await (const chunk of file.read()) {
      throwIfInterrupted(signal);
      bytes += chunk.length;
      onProgress?.(bytes);
      garbage.passed(chunk.length);
      hash.update(chunk);
      await writer.write(chunk);
    }
    // Nothing exists in the vault before it is known to be right.
    if (file.bytes !== undefined && bytes !== file.bytes)
      throw new HoldfastError(
        bytes < file.bytes ? 'Truncated' : 'Corrupt',
        `${file.name} came with ${bytes} bytes instead of ${file.bytes}`,
        { transient: true },
      );
    if (file.sha256 !== undefined && hash.digest('hex') !== file.sha256)
      throw new HoldfastError('Corrupt', `${file.name} does not match the digest that its source states`, {
        transient: true,
      });
    return { ...(await writer.finish()), format: 'file', id: file.id, name: file.name };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
