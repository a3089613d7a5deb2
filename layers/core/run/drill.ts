import type { Indexer } from '#core/git/pack-index.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { proveRestorable } from '#core/repositories/restore/prove-restorable.ts';
import { hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { Catalogue } from '#core/vault/catalogue.ts';
import type { CheckResult } from '#core/vault/checks.ts';
import type { SnapshotId } from '#core/vault/layout.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

export interface DrillOptions {
  indexer: Indexer;
  signal?: AbortSignal | undefined;
  onProgress?: (bytes: number) => void;
  onPhase?: (phase: Phase) => void;
  /** Called once it is known how many bytes will be read. */
  onTotal?: (bytes: number) => void;
}

export interface DrillResult extends CheckResult {
  refs: number;
  /** Objects reached from the refs. */
  objects: number;
  /** Of a package. */
  assets: number;
}

/**
 * Proves that a snapshot restores, by restoring it: all of its chain is read back, every object is hashed, every
 * ref compared, and everything that the refs reach is walked. Nothing is left of it afterwards. What packages consist
 * of is restored byte by byte, so there it is proven by reading it.
 * @throws {HoldfastError} where the drill could not be held; that the snapshot is damaged is a result
 */
export async function drillSnapshot(
  vault: Vault,
  catalogue: Catalogue,
  item: string,
  snapshot: SnapshotId,
  options: DrillOptions,
): Promise<DrillResult> {
  const result: DrillResult = { item, snapshot, problems: [], bytes: 0, refs: 0, objects: 0, assets: 0 };
  try {
    if (item.startsWith('codeartifact/')) {
      await readAssets(vault, catalogue, result, options);
      return result;
    }
    const content = await repositoryContent(catalogue, item, snapshot);
    result.refs = content.refs.size;
    result.bytes = content.data.reduce((sum, data) => sum + data.bytes, 0);
    options.onTotal?.(result.bytes);
    result.objects = await proveRestorable(vault, content, options);
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    result.problems.push(messageOf(error));
  }
  return result;
}

async function readAssets(
  vault: Vault,
  catalogue: Catalogue,
  result: DrillResult,
  { signal, onProgress, onPhase, onTotal }: DrillOptions,
): Promise<void> {
  const { content } = await catalogue.snapshot(result.item, result.snapshot);
  const assets = [...content.chain, ...content.data];
  onTotal?.(assets.reduce((sum, data) => sum + data.bytes, 0));
  onPhase?.('reading');
  for (const data of assets) {
    for await (const chunk of readProven(vault, data)) {
      throwIfInterrupted(signal);
      onProgress?.((result.bytes += chunk.length));
    }
    result.assets++;
  }
}
