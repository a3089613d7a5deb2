import type { MeasuredObjectives } from '#core/run/measured-objectives.ts';
import type { FailingItem } from '#core/run/recent-runs.ts';
import type { StoredReport } from '#core/run/read-reports.ts';
import type { Source } from '#core/vault/layout.ts';

/** How well the items of a source are protected. */
export interface SourceStatus {
  source: Source;
  items: number;
  snapshots: number;
  bytes: number;
  newest: string | undefined;
  /** Items whose newest snapshot was found intact by a drill or verify. */
  proven: number;
  damaged: string[];
  stale: string[];
  failing: FailingItem[];
  lastRun: Pick<StoredReport, 'run' | 'result' | 'finished'> | undefined;
  /** What the last run measured of what is demanded of the source. */
  objectives: MeasuredObjectives | undefined;
}
