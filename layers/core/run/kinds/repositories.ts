import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { planRepository } from '#core/repositories/backup/plan-repository.ts';
import { contentIn } from '#core/repositories/restore/content.ts';
import { proveData } from '#core/repositories/restore/prove-data.ts';
import { proveRestorable } from '#core/repositories/restore/prove-restorable.ts';
import type { HoldfastError } from '#core/runtime/errors.ts';
import type { GitSource } from '#core/sources/source.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import type { ItemRequest } from '../item-request.ts';
import type { Kind } from './kind.ts';
import { whereItIs } from './where-it-is.ts';

/**
 * Git repositories: a snapshot is drilled by reading back all of its chain, hashing every object, comparing every ref,
 * and walking all that the refs reach.
 */
export const repositories: Kind<GitSource> = {
  backUp: backUpListed,
  plan: planListed,
  verify: proveData,
  async drill({ vault, snapshot, ...options }, proof) {
    const { item, snapshot: id } = snapshot.manifest;
    const content = contentIn(snapshot, `${itemPrefix(item.source, item.path)}${id}`);
    proof.proven['ref'] = content.refs.size;
    proof.bytes = content.data.reduce((sum, data) => sum + data.bytes, 0);
    options.onTotal?.(proof.bytes);
    proof.proven['object'] = await proveRestorable(vault, content, options);
  },
};

/** A repository, followed where it was renamed since it was listed. */
async function backUpListed(request: ItemRequest<GitSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  return whereItIs(request.source, item, (now) => backUpAt(request, now));
}

/** What a backup of a repository would do, followed likewise. */
async function planListed(
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
