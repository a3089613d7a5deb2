import { randomBytes } from 'node:crypto';
import pMap from 'p-map';
import { HoldfastError, hasCode, interrupted, messageOf } from '#core/runtime/errors.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import { mask } from '#core/runtime/redact.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { dataKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { MissingObject } from '#core/vault/lfs-state.ts';
import type { Asset } from '#core/vault/manifest.ts';
import type { ListedObject, ObjectTags, Vault } from '#core/vault/storage/vault.ts';
import { batchLength, ObjectRefused, type BatchObject, type LfsApi } from '../lfs-api.ts';
import type { Pointer } from '../pointer.ts';

/** Of one repository. Each holds a few blocks of the vault's writer in memory. */
const objectsAtOnce = 3;

/** So many failures in a row, each tried again, and the next object will fail as well. */
const mostFailures = 5;

/** An address is not used in its last seconds, in milliseconds. */
const expiryMarginMs = 10_000;

export interface ObjectsRequest {
  api: LfsApi;
  vault: Vault;
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  objects: readonly Pointer[];
  /** What attempts that were killed left in the vault, by oid: it is read from there in place of the server. */
  leftovers: ReadonlyMap<string, ListedObject>;
  tags: ObjectTags;
  retry: RetryPolicy;
  signal?: AbortSignal | undefined;
  onProgress: (bytes: number) => void;
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

export interface StoredObjects {
  stored: Asset[];
  missing: MissingObject[];
  /** What ended it before its time: no other object was begun after that. */
  ended: HoldfastError | undefined;
}

/**
 * Streams objects of LFS into the vault, each checked against its own name, which is its SHA-256. One that cannot be had
 * costs no other; a quota that is used up ends it, and so do a stop on request and a vault that cannot be written: what is
 * stored by then counts.
 */
export async function storeObjects(request: ObjectsRequest): Promise<StoredObjects> {
  const attempt = randomBytes(4).toString('hex');
  const garbage = new YoungGarbage();
  const result: StoredObjects = { stored: [], missing: [], ended: undefined };
  let bytes = 0;
  let failures = 0;
  const count = (length: number): void => {
    garbage.passed(length);
    request.onProgress((bytes += length));
  };
  for (let at = 0; at < request.objects.length; at += batchLength) {
    const some = request.objects.slice(at, at + batchLength);
    const asked = some.filter((object) => leftoverOf(request, object) === undefined);
    const answers =
      result.ended || asked.length === 0 ? new Map<string, BatchObject>() : await ask(request, asked, result);
    await pMap(
      some,
      async (object) => {
        const missing = (why: string, gone?: true): void => {
          result.missing.push({ oid: object.oid, bytes: object.size, why, ...(gone ? { gone } : {}) });
        };
        if (request.signal?.aborted) result.ended ??= interrupted(request.signal);
        if (result.ended) {
          missing(reasonOf(result.ended));
          return;
        }
        try {
          const kept = await keepLeftover(request, object, attempt);
          result.stored.push(kept ?? (await storeObject(request, object, answers.get(object.oid), attempt, count)));
          failures = 0;
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
          const gone = error instanceof ObjectRefused;
          if (!gone) failures++;
          if (isFinal(error, request.signal) || failures === mostFailures) result.ended ??= error;
          missing(reasonOf(error), gone ? true : undefined);
        }
      },
      { concurrency: objectsAtOnce },
    );
  }
  return result;
}

/** What makes it useless to go on with the next object. */
function isFinal(error: HoldfastError, signal: AbortSignal | undefined): boolean {
  return (
    signal?.aborted === true || hasCode(error, 'RateLimited', 'AccessDenied', 'SourceUnsupported', 'StorageFailed')
  );
}

function reasonOf(error: HoldfastError): string {
  return mask(messageOf(error));
}

async function ask(
  request: ObjectsRequest,
  objects: readonly Pointer[],
  result: StoredObjects,
): Promise<Map<string, BatchObject>> {
  const { api, retry: policy, signal, onRetry } = request;
  try {
    return await retry(() => api.batch('download', objects), policy, { signal, ...(onRetry ? { onRetry } : {}) });
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    result.ended = error;
    return new Map();
  }
}

/**
 * Stores again, for this snapshot, what an attempt before it had stored when it was killed: downloads cost the owner money.
 * @returns nothing where there is none, or it is not what it seems
 */
async function keepLeftover(request: ObjectsRequest, object: Pointer, attempt: string): Promise<Asset | undefined> {
  const left = leftoverOf(request, object);
  if (!left) return undefined;
  const key = dataKey(request.item, request.snapshot, `${attempt}.0`, object.oid);
  try {
    return await writeObject(request, object, key, request.vault.read(left.key), () => undefined);
  } catch (error) {
    if (!hasCode(error, 'NotFound', 'Corrupt', 'Truncated')) throw error;
    return undefined;
  }
}

function leftoverOf({ leftovers }: ObjectsRequest, { oid, size }: Pointer): ListedObject | undefined {
  const left = leftovers.get(oid);
  return left?.bytes === size ? left : undefined;
}

function storeObject(
  request: ObjectsRequest,
  object: Pointer,
  answer: BatchObject | undefined,
  attempt: string,
  count: (length: number) => void,
): Promise<Asset> {
  const { retry: policy, signal, onRetry, api } = request;
  return retry(
    async (tried) => {
      // An address is good for some time, and what was refused once may need another.
      const endsAt = answer?.download?.endsAt ?? Infinity;
      const isGood = answer !== undefined && tried === 1 && endsAt - performance.now() > expiryMarginMs;
      const current = isGood ? answer : (await api.batch('download', [object])).get(object.oid);
      if (current?.error)
        throw refused(current.error, `Git LFS: the server answers ${current.error.code} (${current.error.message})`);
      if (!current?.download) throw new ObjectRefused('Git LFS: the server does not say where it is');
      // Where several attempts are at work, each has a name of its own.
      const key = dataKey(request.item, request.snapshot, `${attempt}${tried === 1 ? '' : `.${tried}`}`, object.oid);
      return writeObject(request, object, key, await api.download(current.download), count);
    },
    policy,
    { signal, ...(onRetry ? { onRetry } : {}) },
  );
}

/** https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md#response-errors */
function refused({ code }: { code: number }, message: string): HoldfastError {
  if (code === 404 || code === 410 || code === 422) return new ObjectRefused(message);
  if (code === 429 || code === 509) return new HoldfastError('RateLimited', message);
  return new HoldfastError('Unavailable', message, { transient: code >= 500 });
}

async function writeObject(
  { vault, tags, signal }: ObjectsRequest,
  { oid, size }: Pointer,
  key: string,
  chunks: AsyncIterable<Buffer>,
  count: (length: number) => void,
): Promise<Asset> {
  const writer = vault.writer(key, tags);
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      if (signal?.aborted) throw interrupted(signal);
      bytes += chunk.length;
      if (bytes > size) throw wrong(oid, `came with more than the ${size} bytes that its pointer states`);
      count(chunk.length);
      await writer.write(chunk);
    }
    if (bytes < size)
      throw new HoldfastError('Truncated', `the object ${oid} came with ${bytes} bytes instead of ${size}`, {
        transient: true,
      });
    const stored = await writer.finish();
    if (stored.sha256 === oid) return { ...stored, format: 'asset', name: oid };
    // It belongs to no snapshot; the role that writes may not delete, and then pruning does.
    await vault.remove(stored.key).catch(() => undefined);
    throw wrong(oid, 'does not match its own SHA-256');
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function wrong(oid: string, how: string): HoldfastError {
  return new HoldfastError('Corrupt', `the object ${oid} ${how}`, { transient: true });
}
