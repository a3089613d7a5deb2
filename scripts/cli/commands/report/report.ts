import { listReports, readReport } from '#core/run/read-reports.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { requireTogether } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { exitCodeOfRun } from '../../exit-codes.ts';
import { printReport } from '../../print-report.ts';
import type { ReportFlags } from './options.ts';
import { writePage } from './write-page.ts';

/** Ends as the run itself ended, so that a monitor can ask for it. */
export async function report(context: Context, flags: ReportFlags, text: string | undefined): Promise<number> {
  const { vault, output, given } = context;
  requireTogether(given, 'since', 'html', 'says which runs are on the page');
  if (flags.html !== undefined) return writePage(context, flags.html, flags, text);
  if (text === undefined)
    throw new HoldfastError('Usage', 'of which source?', {
      advice: 'holdfast report <source>; holdfast runs lists the runs, and --html makes a page of all.',
    });
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
