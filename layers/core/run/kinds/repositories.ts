import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { hasCode, type HoldfastError } from '#core/runtime/errors.ts';
import type { GitSource } from '#core/sources/source.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import type { ItemRequest } from '../item-request.ts';

/** A repository, followed where it was renamed since it was listed. */
export async function backUpListed(request: ItemRequest<GitSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  try {
    return await backUpAt(request, item);
  } catch (error) {
    if (!hasCode(error, 'SourceMissing')) throw error;
    const now = await request.source.locate?.(item);
    if (!now || now.path.join('/') === item.path.join('/')) throw error;
    return backUpAt(request, now);
  }
}

async function backUpAt(request: ItemRequest<GitSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  const { source, vault, options, run, announced, signal, onProgress, onRetry } = request;
  const transport = source.open(item);
  try {
    return await backUpRepository({
      item,
      transport,
      vault,
      snapshot: run,
      announced,
      options,
      signal,
      ...(source.describe ? { describe: source.describe.bind(source, item) } : {}),
      ...(onProgress ? { onProgress: (bytes: number) => onProgress(item, bytes) } : {}),
      ...(onRetry ? { onRetry: (error: HoldfastError) => onRetry(item, error) } : {}),
    });
  } finally {
    transport.close();
  }
}
