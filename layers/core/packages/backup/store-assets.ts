import { randomBytes } from 'node:crypto';
import pMap from 'p-map';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import type { AssetLanes } from '#core/sources/codeartifact/asset-limits.ts';
import type { AssetDescription } from '#core/sources/codeartifact/descriptions.ts';
import { assetKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Asset } from '#core/vault/manifest.ts';
import type { ObjectTags, Vault } from '#core/vault/storage/vault.ts';

/** Of one version. */
const assetsAtOnce = 4;

export interface AssetsRequest {
  vault: Vault;
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  assets: readonly AssetDescription[];
  read: (asset: AssetDescription) => AsyncIterable<Buffer>;
  lanes: AssetLanes;
  tags: ObjectTags;
  signal?: AbortSignal | undefined;
  onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Streams assets into the vault, each compared with the length and SHA-256 that the registry states of it. Once one has
 * failed, no other is begun.
 */
export async function storeAssets(request: AssetsRequest): Promise<Asset[]> {
  const attempt = randomBytes(4).toString('hex');
  const garbage = new YoungGarbage();
  let bytes = 0;
  let failed: { error: unknown } | undefined;
  const stored: Asset[] = [];
  await pMap(
    request.assets,
    async (asset) => {
      try {
        const count = (length: number): void => {
          garbage.passed(length);
          request.onProgress?.((bytes += length));
        };
        const move = () => (failed ? Promise.resolve(undefined) : storeAsset(request, asset, attempt, count));
        const moved = await request.lanes.take(asset.bytes, move);
        if (moved) stored.push(moved);
      } catch (error) {
        failed ??= { error };
      }
    },
    { concurrency: assetsAtOnce },
  );
  if (failed) throw failed.error;
  return stored;
}

async function storeAsset(
  { vault, item, snapshot, read, tags, signal }: AssetsRequest,
  asset: AssetDescription,
  attempt: string,
  count: (length: number) => void,
): Promise<Asset> {
  const writer = vault.writer(assetKey(item, snapshot, attempt, asset.name), tags);
  try {
    let bytes = 0;
    for await (const chunk of read(asset)) {
      throwIfInterrupted(signal);
      bytes += chunk.length;
      count(chunk.length);
      await writer.write(chunk);
    }
    if (bytes !== asset.bytes)
      throw new HoldfastError(
        bytes < asset.bytes ? 'Truncated' : 'Corrupt',
        `${asset.name} came with ${bytes} bytes instead of the ${asset.bytes} that CodeArtifact states`,
        { transient: true },
      );
    const { key, sha256 } = await writer.finish();
    if (sha256 === asset.sha256) return { key, bytes, sha256, format: 'asset', name: asset.name };
    // It belongs to no snapshot; the role that writes may not delete, and then pruning does.
    await vault.remove(key).catch(() => undefined);
    throw new HoldfastError('Corrupt', `${asset.name} does not match the SHA-256 that CodeArtifact states`, {
      transient: true,
    });
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
