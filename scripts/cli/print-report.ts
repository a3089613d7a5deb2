import { itemsMissingRpo, keptObjectives } from '#core/run/measured-objectives.ts';
import { addressOfReported, type StoredReport } from '#core/run/read-reports.ts';
import type { ReportEvent } from './commands/report/events.ts';
import { count } from './format.ts';
import type { Output } from './output.ts';

/** Prints a report as a run prints it: each item, what went wrong, and the line that adds up. */
export function printReport(output: Output, report: StoredReport, place: string): void {
  const items = report.items.map((one) => ({ address: addressOfReported(report.source, one.item), ...one }));
  output.event<ReportEvent>({ event: 'report', ...report, items, report: place });
  for (const { outcome, item, reason, code, message, kind, records } of report.items) {
    const why =
      reason ??
      (records ? recordsOf(records) : undefined) ??
      kind ??
      (code === undefined ? '' : `${code}: ${message ?? ''}`);
    const line = `${outcome.padEnd(9)}  ${item.name}  ${why}`.trimEnd();
    if (outcome === 'failed') output.result(output.paint('red', line));
    else output.line(line);
    for (const text of records?.without ?? [])
      output.line(`  ${output.paint('yellow', 'without')}  ${item.name}: ${text}`);
  }
  if (report.error) {
    output.result(output.paint('red', `failed  ${report.error.code}: ${report.error.message}`));
    if (report.error.advice !== undefined) output.result(`        ${report.error.advice}`);
  }
  if (report.objectives) {
    for (const line of keptObjectives(report.objectives)) output.line(line);
    for (const line of itemsMissingRpo(report.objectives, Infinity)) output.result(output.paint('red', line));
  }
  for (const warning of report.warnings) output.line(`${output.paint('yellow', 'note')}  ${warning}`);
  const { listed, stored, unchanged, skipped, failed } = report.coverage;
  output.line(`${listed} listed = ${stored} stored + ${unchanged} unchanged + ${skipped} skipped + ${failed} failed`);
  output.line(`report: ${place}`);
}

function recordsOf({ stored, deleted }: NonNullable<StoredReport['items'][number]['records']>): string {
  const gone = deleted > 0 ? `, ${deleted.toLocaleString('en')} deleted since and kept` : '';
  return `${count(stored, 'record')}${gone}`;
}
