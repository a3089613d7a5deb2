import { HoldfastError } from '#core/runtime/errors.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { extendChain } from '#core/vault/chain/extend-chain.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Report } from './report.ts';

/**
 * Makes a report, which is about to be stored, the next link of its source's chain, and says in it what is missing. A
 * report is never lost for that: where the chain cannot be continued, the report says so, and the next run's list has its
 * digest.
 * @param digests of what was read already, by key
 */
export async function linkReport(
  vault: Vault,
  report: Report,
  policy: RetryPolicy,
  digests?: ReadonlyMap<string, string>,
): Promise<Report> {
  // Who stops a run waits for its end, and the id of one without an inventory may be another's.
  if (report.result === 'interrupted' || report.coverage.listed === 0) return report;
  try {
    const chain = await retry(() => extendChain(vault, report.source, report.run, digests), policy);
    const warnings =
      chain.missing === 0
        ? report.warnings
        : [...report.warnings, `${chain.missing} snapshots are missing from the vault: holdfast verify names them`];
    return { ...report, chain, warnings };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const why = `the chain of reports was not continued: ${error.message}`;
    return { ...report, warnings: [...report.warnings, why] };
  }
}
