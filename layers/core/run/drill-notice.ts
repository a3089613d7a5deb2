import { count } from '#core/runtime/format.ts';
import type { Notice, Severity } from '#core/notifications/notice.ts';
import type { Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { drillMessage } from './drill-message.ts';
import type { DrillReport } from './scheduled-drill.ts';

/** As many findings as a program is told of at once; the record has them all. */
const mostListed = 100;

/** What the webhooks are told of a drill that did not go well. */
export function drillNotice(source: Source, drill: SnapshotId, report: DrillReport, place: string): Notice {
  return {
    kind: 'drill',
    id: drill,
    source,
    severity: severityOfDrill(report),
    ...drillMessage(source, report, place),
    details: {
      started: report.started,
      finished: report.finished,
      snapshots: report.snapshots,
      report: place,
      damaged: report.damaged.slice(0, mostListed),
      chainProblems: report.chain.problems.slice(0, mostListed),
      ...(report.unfinished === undefined ? {} : { unfinished: report.unfinished }),
    },
  };
}

/** What is damaged is lost for a restore; what was not drilled is only not proven. */
export function severityOfDrill({ snapshots, chain, unfinished }: DrillReport): Severity {
  if (snapshots.damaged > 0)
    return { level: 'critical', why: `${count(snapshots.damaged, 'snapshot')} not restorable` };
  if (chain.broken > 0) return { level: 'critical', why: `${count(chain.broken, 'problem')} in the chain of reports` };
  if (unfinished !== undefined) return { level: 'warning', why: 'not every snapshot had its turn' };
  return { level: 'ok', why: `${count(snapshots.intact, 'snapshot')} restorable` };
}
