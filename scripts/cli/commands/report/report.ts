import { listReports, readReport } from '#core/run/read-reports.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { exitCodeOfRun } from '../../exit-codes.ts';
import { printReport } from '../../print-report.ts';
import type { ReportFlags } from './command.ts';

/** Ends as the run itself ended, so that a monitor can ask for it. */
export async function report({ vault, output }: Context, flags: ReportFlags, text: string): Promise<number> {
  const source = parseSource(text);
  await requireVault(vault, sources);
  const reports = await listReports(vault, source);
  const chosen = reports.findLast(({ run }) => run.startsWith(flags.run ?? ''));
  if (!chosen)
    throw new HoldfastError(
      'NotFound',
      flags.run === undefined ? `there is no report of ${source}` : `there is no run ${JSON.stringify(flags.run)}`,
      { advice: 'holdfast runs lists those that there are.' },
    );
  const found = await readReport(vault, chosen.key);
  output.line(`${source} ${chosen.run}: ${found.result}`);
  printReport(output, found, `${vault.location.replace(/\/$/, '')}/${chosen.key}`);
  return exitCodeOfRun(found.result);
}
