import { changesSince } from '#core/run/changes-since.ts';
import { reportBefore } from '#core/run/read-reports.ts';
import type { Report } from '#core/run/report.ts';
import { reportKey } from '#core/run/run-files.ts';
import { runNotice } from '#core/run/run-notice.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { handOn } from '../../hand-on.ts';

/** Hands the notice of a run on to `holdfast run`. What is stored is stored, also where no notice can be made. */
export async function handOnNotice(vault: Vault, report: Report): Promise<void> {
  try {
    const key = reportKey(report.source, report.run);
    const before = await reportBefore(vault, report.source, report.run);
    const about = { root: await digestOf(vault, key), changes: before && changesSince(before, report) };
    handOn({ notice: runNotice(report, vault.location, key, about) });
  } catch (error) {
    // Without a notice, `run` tells of the exit code.
    if (!(error instanceof HoldfastError)) throw error;
  }
}
