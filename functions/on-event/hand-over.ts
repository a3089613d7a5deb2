import { startBuild } from '#core/runtime/codebuild.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import type { Invocation } from '#core/runtime/lambda-function.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';

/** Lets CodeBuild go on with an item that does not fit here. */
export async function handOver(
  { item, run, vault }: { item: ManifestItem; run: SnapshotId; vault: string },
  { logger }: Invocation,
): Promise<void> {
  const { HOLDFAST_PROJECT } = readConfiguration(['HOLDFAST_PROJECT']);
  const build = await startBuild(HOLDFAST_PROJECT, {
    HOLDFAST_ITEM: JSON.stringify({ item }),
    HOLDFAST_RUN: run,
    HOLDFAST_VAULT: vault,
  });
  logger.info('continues in CodeBuild', { item: item.name, build });
}
