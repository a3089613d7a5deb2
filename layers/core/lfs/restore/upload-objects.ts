import pMap from 'p-map';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import type { Asset } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { batchLength, type LfsApi } from '../lfs-api.ts';
import type { RestoreWatch } from './restore-objects.ts';

const objectsAtOnce = 3;

export interface UploadedObjects {
  uploaded: number;
  /** What the server had already. */
  there: number;
  refused: { oid: string; why: string }[];
}

/** Gives objects to a server of Git LFS; what it has already is not sent. */
export async function uploadObjects(
  vault: Vault,
  objects: readonly Asset[],
  api: LfsApi,
  policy: RetryPolicy,
  { signal, onProgress }: RestoreWatch,
): Promise<UploadedObjects> {
  const result: UploadedObjects = { uploaded: 0, there: 0, refused: [] };
  let bytes = 0;
  for (let at = 0; at < objects.length; at += batchLength) {
    const some = objects.slice(at, at + batchLength);
    const asked = some.map(({ name, bytes }) => ({ oid: name, size: bytes }));
    const answers = await retry(() => api.batch('upload', asked), policy, { signal });
    await pMap(
      some,
      async (object) => {
        throwIfInterrupted(signal);
        const { name: oid, bytes: size } = object;
        const first = answers.get(oid);
        if (first?.error) {
          result.refused.push({ oid, why: `${first.error.code} (${first.error.message})` });
          return;
        }
        if (!first?.upload) {
          result.there++;
          onProgress?.((bytes += size));
          return;
        }
        await retry(
          async (tried) => {
            const answer = tried === 1 ? first : (await api.batch('upload', [{ oid, size }])).get(oid);
            if (!answer) throw new HoldfastError('ProtocolViolation', `${api.address} says nothing of ${oid}`);
            await api.upload({ oid, size }, answer, readProven(vault, object));
          },
          policy,
          { signal },
        );
        result.uploaded++;
        onProgress?.((bytes += size));
      },
      { concurrency: objectsAtOnce },
    );
  }
  return result;
}
