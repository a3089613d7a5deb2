import type { Severity } from '#core/notifications/notice.ts';
import { missedObjectives } from './measured-objectives.ts';
import { addressOfReported, type StoredReport } from './read-reports.ts';
import type { Report } from './report.ts';

/** How the items of a run differ from those of the run before, by their addresses. */
export interface ItemChanges {
  /** The run that was before. */
  run: string;
  /** Failed now, and did not then. */
  failing: string[];
  /** Failed then, and do not now. */
  recovered: string[];
  /** Are listed for the first time. */
  appeared: string[];
  /** Were listed then, and are not now; their snapshots are kept. */
  gone: string[];
}

export function changesSince(before: StoredReport, now: Report): ItemChanges {
  const then = new Map(before.items.map((one) => [one.item.id, one]));
  const changes: ItemChanges = { run: before.run, failing: [], recovered: [], appeared: [], gone: [] };
  // Of a run that could list nothing, it is not known what is gone.
  const listedNow = now.coverage.listed > 0;
  for (const { outcome, item } of now.items) {
    const earlier = then.get(item.id);
    then.delete(item.id);
    const address = addressOfReported(now.source, item);
    if (!earlier && before.coverage.listed > 0) changes.appeared.push(address);
    if (outcome === 'failed' && earlier?.outcome !== 'failed') changes.failing.push(address);
    if (outcome !== 'failed' && earlier?.outcome === 'failed') changes.recovered.push(address);
  }
  if (listedNow) for (const { item } of then.values()) changes.gone.push(addressOfReported(now.source, item));
  return changes;
}

/** From this share of the items on that ought to be backed up, what is missing is no longer the affair of single items. */
const criticalShare = 0.1;

export function severityOf(report: Report): Severity {
  const byCoverage = severityByCoverage(report);
  const [missed, ...more] = missedObjectives(report.objectives);
  if (missed === undefined) return byCoverage;
  const why = [...(byCoverage.level === 'ok' ? [] : [byCoverage.why]), missed, ...more].join('; ');
  const share = (report.objectives?.rpo?.missed ?? 0) / Math.max(1, report.coverage.listed - report.coverage.skipped);
  return { level: byCoverage.level === 'critical' || share >= criticalShare ? 'critical' : 'warning', why };
}

function severityByCoverage({ result, coverage, chain, items }: Report): Severity {
  const wanted = coverage.listed - coverage.skipped;
  const uncovered = coverage.failed;
  const missing = chain?.missing ?? 0;
  if (missing > 0) return { level: 'critical', why: `${missing} snapshots are missing from the vault` };
  if (result === 'failed') return { level: 'critical', why: 'nothing was backed up' };
  if (uncovered > 0) {
    const share = uncovered / Math.max(1, wanted);
    const percent = share < 0.01 ? 'less than 1%' : `${Math.round(share * 100)}%`;
    const why = `${uncovered} of ${wanted} items have no backup from this run, ${percent}`;
    return { level: share >= criticalShare ? 'critical' : 'warning', why };
  }
  const incomplete = items.filter((item) => 'incomplete' in item).length;
  if (incomplete > 0) return { level: 'warning', why: `${incomplete} items were backed up in part` };
  if (result !== 'complete') return { level: 'warning', why: 'the run did not come to its end' };
  return { level: 'ok', why: `all ${wanted} items are backed up` };
}
