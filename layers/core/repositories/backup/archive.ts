import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Advertisement } from '#core/git/advertisement.ts';
import type { PackInfo } from '#core/git/pack-checker.ts';
import type { Indexer } from '#core/git/pack-index.ts';
import type { Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { dataKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import type { ObjectTags, Vault } from '#core/vault/storage/vault.ts';
import { fetchMirror } from './archive-mirror.ts';
import { packFolder } from './archive-pack.ts';

export interface ArchiveRequest {
  transport: Transport;
  vault: Vault;
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  listed: Advertisement;
  refs: Refs;
  format: 'tar.gz' | 'zip';
  /** The largest pack that is taken, in bytes. */
  limit: number;
  offsetDeltas: boolean;
  tags: ObjectTags;
  indexer: Indexer;
  /** Called with the bytes stored so far. */
  onProgress: (bytes: number) => void;
}

/**
 * Takes a repository as a bare mirror in an archive, for those who expect such: the mirror is made in a scratch
 * folder, which is gone afterwards, and packed straight into the vault.
 */
export async function archiveRepository(request: ArchiveRequest): Promise<{ data: RepositoryData; pack: PackInfo }> {
  const { vault, format } = request;
  return withScratchFolder('archive', async (folder) => {
    const mirror = path.join(folder, 'repository.git');
    const pack = await fetchMirror(request, mirror);
    const attempt = randomBytes(4).toString('hex');
    const writer = vault.writer(dataKey(request.item, request.snapshot, attempt, `mirror.${format}`), request.tags);
    let bytes = 0;
    try {
      await packFolder(mirror, format, async (chunk) => {
        await writer.write(chunk);
        bytes += chunk.length;
        request.onProgress(bytes);
      });
      return { data: { ...(await writer.finish()), format }, pack };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  });
}
