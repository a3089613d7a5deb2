import { HoldfastError } from '#core/runtime/errors.ts';
import { storeDrillRecord } from '#core/vault/chain/drill-records.ts';
import type { CheckResult } from '#core/vault/checks.ts';
import { isSource, verdictKey, type Source } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/**
 * Leaves a record of the verdicts that a person's drill or verification has noted, one for each source: a verdict that
 * nothing has recorded is taken for a forged one. Who may write no verdicts leaves no record either.
 * @param noted the results whose verdicts were stored
 * @param ofAll whether it was a drill of the newest snapshot of every item, so that it shows how long a restore of all takes
 */
export async function recordDrill(
  vault: Vault,
  how: 'verify' | 'drill',
  began: Date,
  noted: readonly CheckResult[],
  ofAll = false,
): Promise<void> {
  const bySource = new Map<Source, CheckResult[]>();
  for (const result of noted) {
    const source = result.item.split('/')[0];
    if (isSource(source)) bySource.set(source, [...(bySource.get(source) ?? []), result]);
  }
  for (const [source, results] of bySource) {
    const times = results.flatMap(({ milliseconds }) => milliseconds ?? []);
    const restore = { items: times.length, milliseconds: times.reduce((sum, one) => sum + one, 0) };
    const content = {
      how,
      started: began.toISOString(),
      finished: new Date().toISOString(),
      ...(ofAll ? { restore } : {}),
    };
    const verdicts = results.map(({ item, snapshot, problems }) =>
      verdictKey(item, snapshot, problems.length === 0 ? 'intact' : 'damaged'),
    );
    try {
      await storeDrillRecord(vault, source, snapshotIdOf(began), { verdicts, roots: [], content });
    } catch (error) {
      // The verdicts themselves reach the caller.
      if (!(error instanceof HoldfastError)) throw error;
    }
  }
}
