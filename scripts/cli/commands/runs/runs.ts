import { listReports, readReportIfWhole } from '#core/run/read-reports.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import { table } from '../../table.ts';
import type { RunsFlags } from './options.ts';
import type { RunsEvent } from './events.ts';

export async function runs({ vault, output }: Context, flags: RunsFlags, only?: string): Promise<number> {
  const asked = only === undefined ? sources : [parseSource(only)];
  await requireVault(vault, sources);
  const rows: string[][] = [];
  for (const source of asked) {
    for (const { run, key } of (await listReports(vault, source)).slice(-flags.last)) {
      const report = await readReportIfWhole(vault, key);
      if (!report) {
        output.event<RunsEvent>({ event: 'run', source, run, result: 'unreadable', report: key });
        rows.push([source, run, output.paint('red', 'unreadable'), '', '', '']);
        continue;
      }
      const { result, coverage, bytes, started, finished } = report;
      output.event<RunsEvent>({ event: 'run', source, run, result, coverage, bytes, started, finished, report: key });
      const milliseconds = Date.parse(finished) - Date.parse(started);
      rows.push([
        source,
        run,
        result,
        count(coverage.listed, 'item'),
        `${coverage.stored} stored, ${coverage.failed} failed`,
        `${formatBytes(bytes)} in ${formatDuration(Math.max(0, milliseconds))}`,
      ]);
    }
  }
  for (const line of await table(rows)) output.result(line);
  output.line(
    rows.length === 0
      ? `${vault.location} holds no report of a run`
      : `${count(rows.length, 'run')}; holdfast report <source> prints the newest, --run an earlier one`,
  );
  return exitCode.well;
}
