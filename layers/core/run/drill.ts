import { hasCode, messageOf } from '#core/runtime/errors.ts';
import type { Catalogue } from '#core/vault/catalogue.ts';
import type { CheckResult } from '#core/vault/checks.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { DrillOptions, Proof } from './kinds/kind.ts';
import { kindOf, loadKind } from './kinds/table.ts';

export interface DrillResult extends CheckResult, Proof {}

/**
 * Proves that a snapshot restores, by restoring it as its kind does. Nothing is left of it afterwards.
 * @throws {HoldfastError} where the drill could not be held; that the snapshot is damaged is a result
 */
export async function drillSnapshot(
  vault: Vault,
  catalogue: Catalogue,
  item: string,
  id: SnapshotId,
  options: DrillOptions,
): Promise<DrillResult> {
  const result: DrillResult = { item, snapshot: id, problems: [], bytes: 0, proven: {} };
  const began = performance.now();
  try {
    const snapshot = await catalogue.snapshot(item, id);
    const kind = await loadKind(kindOf(snapshot.manifest.item));
    await kind.drill({ ...options, vault, snapshot }, result);
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    result.problems.push(messageOf(error));
  }
  result.milliseconds = Math.round(performance.now() - began);
  return result;
}
