import type { Inventory } from '#core/sources/source.ts';
import type { ChainLink } from '#core/vault/chain/extend-chain.ts';
import type { Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Failed, Outcome } from '#core/vault/outcome.ts';
import type { MeasuredObjectives } from './measured-objectives.ts';

/** How a run ended, for those who look at it. */
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
  /** That whatever removes a snapshot leaves a record, so that one which is named here and is not there is missing. */
  removals: 'recorded';
  /** How the run continues the chain of its source; absent where it could not, or was stopped: the next run does. */
  chain?: ChainLink;
  /** How the run stands to what is demanded of the source; absent where nothing is. */
  objectives?: MeasuredObjectives;
  warnings: string[];
  /** Why the run could not begin or go on, where that is so. */
  error?: Problem;
  items: Outcome[];
}

export type Problem = Pick<Failed, 'code' | 'message' | 'advice'>;

export interface Coverage {
  listed: number;
  stored: number;
  unchanged: number;
  skipped: number;
  failed: number;
}

export interface ReportRequest {
  source: Source;
  run: SnapshotId;
  started: string;
  /** Absent where there was none. */
  inventory: Inventory | undefined;
  /** What became of the items; those of the inventory that are missing here are reported as failed. */
  outcomes: readonly Outcome[];
  error?: Problem | undefined;
  interrupted: boolean;
}

/** The third step of a run: says what became of every listed item, exactly once. */
export function makeReport(request: ReportRequest): Report {
  const { source, run, started, inventory, error, interrupted } = request;
  const items = complete(inventory, request.outcomes);
  const coverage = coverageOf(inventory?.listed.length ?? 0, items);
  return {
    format: 1,
    source,
    ...(inventory?.scope === undefined ? {} : { scope: inventory.scope }),
    run,
    result: resultOf(coverage, inventory !== undefined && error === undefined && items.every(isWhole), interrupted),
    coverage,
    bytes: items.reduce((sum, item) => sum + (item.outcome === 'stored' ? item.bytes : 0), 0),
    started,
    finished: new Date().toISOString(),
    removals: 'recorded',
    warnings: inventory?.warnings ?? [],
    ...(error ? { error } : {}),
    items,
  };
}

/** Whether nothing of an item is missing that ought to have been kept. */
function isWhole(outcome: Outcome): boolean {
  return !('incomplete' in outcome);
}

/** Whether every listed item has exactly one outcome. */
export function addsUp({ listed, stored, unchanged, skipped, failed }: Coverage): boolean {
  return listed === stored + unchanged + skipped + failed;
}

/** Gives every listed item its outcome, in the order of the list. An outcome of nothing listed is kept, and shows. */
function complete(inventory: Inventory | undefined, outcomes: readonly Outcome[]): Outcome[] {
  const byId = new Map(outcomes.map((outcome) => [outcome.item.id, outcome]));
  const items = (inventory?.listed ?? []).map(({ item, skipped }): Outcome => {
    const outcome = byId.get(item.id);
    byId.delete(item.id);
    if (outcome) return outcome;
    if (skipped !== undefined) return { outcome: 'skipped', item, reason: skipped };
    return { outcome: 'failed', item, code: 'Unexpected', message: 'its outcome is not known' };
  });
  return [...items, ...byId.values()];
}

function coverageOf(listed: number, items: readonly Outcome[]): Coverage {
  const count = (outcome: Outcome['outcome']): number => items.filter((item) => item.outcome === outcome).length;
  return {
    listed,
    stored: count('stored'),
    unchanged: count('unchanged'),
    skipped: count('skipped'),
    failed: count('failed'),
  };
}

function resultOf(coverage: Coverage, whole: boolean, interrupted: boolean): RunResult {
  if (interrupted) return 'interrupted';
  if (whole && coverage.failed === 0 && addsUp(coverage)) return 'complete';
  return coverage.stored + coverage.unchanged > 0 ? 'partial' : 'failed';
}
