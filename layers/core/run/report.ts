import type { Failed, Outcome } from '#core/backup/outcome.ts';
import type { SnapshotId, Source } from '#core/vault/layout.ts';

/** How a run ended, as whoever looks at it needs to know. */
export type RunResult = 'complete' | 'partial' | 'failed' | 'interrupted';

/** What is said of a run once it is over: `report.json`. */
export interface Report {
  format: 1;
  source: Source;
  /** As in the inventory. */
  scope?: string;
  run: SnapshotId;
  result: RunResult;
  /** listed = stored + unchanged + skipped + failed, always. */
  coverage: Coverage;
  /** Bytes of data stored by this run. */
  bytes: number;
  started: string;
  finished: string;
  warnings: string[];
  /** Why there was no inventory, where there was none. */
  error?: Pick<Failed, 'code' | 'message' | 'advice'>;
  items: Outcome[];
}

export interface Coverage {
  listed: number;
  stored: number;
  unchanged: number;
  skipped: number;
  failed: number;
}

/** Counts the outcomes. `listed` comes from the inventory, so that an item without outcome shows. */
export function coverageOf(listed: number, items: readonly Outcome[]): Coverage {
  const count = (outcome: Outcome['outcome']): number => items.filter((item) => item.outcome === outcome).length;
  return {
    listed,
    stored: count('stored'),
    unchanged: count('unchanged'),
    skipped: count('skipped'),
    failed: count('failed'),
  };
}

/** Whether every listed item has exactly one outcome. */
export function addsUp({ listed, stored, unchanged, skipped, failed }: Coverage): boolean {
  return listed === stored + unchanged + skipped + failed;
}

export function resultOf(coverage: Coverage, interrupted: boolean): RunResult {
  if (interrupted) return 'interrupted';
  if (coverage.failed === 0 && addsUp(coverage)) return 'complete';
  return coverage.stored + coverage.unchanged > 0 ? 'partial' : 'failed';
}
