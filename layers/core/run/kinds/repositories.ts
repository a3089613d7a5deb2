import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { planRepository } from '#core/repositories/backup/plan-repository.ts';
import { hasCode, type HoldfastError } from '#core/runtime/errors.ts';
import type { GitSource } from '#core/sources/source.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import type { ItemRequest } from '../item-request.ts';

/** A repository, followed where it was renamed since it was listed. */
export async function backUpListed(request: ItemRequest<GitSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  return whereItIs(request.source, item, (now) => backUpAt(request, now));
}

/** What a backup of a repository would do, followed likewise. */
export async function planListed(
  request: Pick<ItemRequest<GitSource>, 'source' | 'vault' | 'options' | 'signal'>,
  item: ManifestItem,
): Promise<Planned> {
  const { source } = request;
  return whereItIs(source, item, async (now) => {
    const transport = source.open(now);
    try {
      const describe = source.describe?.bind(source, now);
      return await planRepository({ ...request, item: now, transport, ...(describe ? { describe } : {}) });
    } finally {
      transport.close();
    }
  });
}

async function whereItIs<T>(
  source: GitSource,
  item: ManifestItem,
  act: (item: ManifestItem) => Promise<T>,
): Promise<T> {
  try {
    return await act(item);
  } catch (error) {
    if (!hasCode(error, 'SourceMissing')) throw error;
    const now = await source.locate?.(item);
    if (!now || now.path.join('/') === item.path.join('/')) throw error;
    return act(now);
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
