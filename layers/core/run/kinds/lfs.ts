import { backUpLfs, planLfs, type LfsOptions } from '#core/lfs/backup/back-up-lfs.ts';
import { LfsApi } from '#core/lfs/lfs-api.ts';
import { storedObjects } from '#core/lfs/stored-objects.ts';
import type { BackupOptions } from '#core/repositories/backup/options.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { count, formatBytes } from '#core/runtime/format.ts';
import type { LfsSource } from '#core/sources/lfs.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { DataObject, ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import { proveBytes } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { ItemRequest } from '../item-request.ts';
import { drillByReading } from './drill-by-reading.ts';
import type { Kind } from './kind.ts';
import { whereItIs } from './where-it-is.ts';

/** Objects of Git LFS: each has its SHA-256 as its name, so reading it proves that it restores. */
export const lfs: Kind<LfsSource> = {
  backUp: (request, item) => whereItIs(request.source, item, (now) => backUpAt(request, now)),
  plan: (request, item) => whereItIs(request.source, item, (now) => planAt(request, now)),
  verify: (vault, data, _manifest, count) => proveObject(vault, data, count),
  drill: (request, proof) =>
    drillByReading(
      [...storedObjects(request.snapshot.content).values()],
      'object',
      (object, count) => proveObject(request.vault, object, count),
      request,
      proof,
    ),
};

async function proveObject(vault: Vault, data: DataObject, count: (bytes: number) => void): Promise<void> {
  if (data.format !== 'asset' || data.name !== data.sha256)
    throw new HoldfastError('Damaged', `${data.key} does not have the name of its content`);
  await proveBytes(vault, data, count);
}

function optionsFor({ refs, full, lfsLimit, streamLimit, tags, retry }: BackupOptions): LfsOptions {
  return { refs, full, limit: lfsLimit, streamLimit, tags, retry };
}

async function backUpAt(request: ItemRequest<LfsSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  const { source, vault, options, run, announced, signal, onProgress, onRetry, onNote } = request;
  const { transport, endpoint } = source.objects(item);
  try {
    return await backUpLfs({
      item,
      transport,
      api: new LfsApi(endpoint),
      vault,
      snapshot: run,
      announced,
      options: optionsFor(options),
      signal,
      ...(onProgress ? { onProgress: (bytes: number) => onProgress(item, bytes) } : {}),
      ...(onRetry ? { onRetry: (error: HoldfastError) => onRetry(item, error) } : {}),
      ...(onNote ? { onNote: (note: string) => onNote(item, note) } : {}),
    });
  } finally {
    transport.close();
  }
}

async function planAt(
  { source, vault, options }: Pick<ItemRequest<LfsSource>, 'source' | 'vault' | 'options'>,
  item: ManifestItem,
): Promise<Planned> {
  const { transport, endpoint } = source.objects(item);
  try {
    const request = { item, transport, api: new LfsApi(endpoint), options: optionsFor(options) };
    const { content, digest, wanted, left, held } = await planLfs(request, new Catalogue(vault));
    const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
    const over = left.length === 0 ? '' : `; ${left.length} more over the limit`;
    const why = `${count(wanted.length, 'object')} to fetch, ${formatBytes(bytes)}${over}`;
    if (wanted.length === 0 && content?.manifest.lfs?.refsDigest === digest)
      return { item, plan: 'unchanged', why: `since ${content.manifest.snapshot}` };
    if (wanted.length + held.size === 0) return { item, plan: 'empty', why };
    return { item, plan: held.size === 0 ? 'full' : 'incremental', why };
  } finally {
    transport.close();
  }
}
