import pMap from 'p-map';
import type { BackupOptions } from '#core/repositories/backup/options.ts';
import { hasCode, messageOf, type HoldfastError } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { retry } from '#core/runtime/retry.ts';
import type { Objectives } from '#core/sources/objectives.ts';
import type { Inventory, ListedItem, ListedSource } from '#core/sources/source.ts';
import { nextId, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Outcome } from '#core/vault/outcome.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { backUpItem, failure } from './back-up-item.ts';
import { withObjectives } from './objectives.ts';
import { makeReport, type Problem, type Report } from './report.ts';
import { reportKey, storeLatest, storeOnce } from './run-files.ts';
import { linkReport } from './link-report.ts';
import { takeInventory } from './take-inventory.ts';

export interface RunRequest {
  source: ListedSource;
  vault: Vault;
  options: BackupOptions;
  /** Names the run and every snapshot that it takes; where another run has this id, the next that is free. */
  run: SnapshotId;
  /** How many items are backed up at once. */
  concurrency: number;
  /** The share of items that may be gone since the run before, 0 to 1. */
  largestShrinkage: number;
  objectives?: Objectives | undefined;
  signal?: AbortSignal | undefined;
  observer?: RunObserver;
}

/** Told what happens while it happens. */
export interface RunObserver {
  inventory?(inventory: Inventory): void;
  started?(item: ManifestItem): void;
  progress?(item: ManifestItem, bytes: number): void;
  retrying?(item: ManifestItem, error: HoldfastError): void;
  noted?(item: ManifestItem, note: string): void;
  finished?(outcome: Outcome): void;
}

/**
 * One pass over one source in one process: inventory, items, report. Always ends in a report, which is also stored;
 * no item stops another.
 */
export async function runBackup(request: RunRequest): Promise<Report> {
  const { source, vault, signal, concurrency, options } = request;
  const { observer, problems } = harmless(request.observer);
  const started = new Date().toISOString();
  const outcomes: Outcome[] = [];
  let run = request.run;
  let inventory: Inventory | undefined;
  let error: Problem | undefined;
  let interrupted: boolean;
  try {
    const taken = await takeInventory(request);
    ({ run, inventory } = taken);
    const own = { ...request, run, observer };
    observer.inventory?.(inventory);
    const settle = async (listed: ListedItem): Promise<void> => {
      const outcome = await outcomeOf(own, listed);
      outcomes.push(outcome);
      observer.finished?.(outcome);
    };
    await pMap(inventory.listed, settle, { concurrency });
    // Git may hear of a stop before we do.
    interrupted = signal?.aborted || outcomes.some((one) => one.outcome === 'failed' && one.code === 'Interrupted');
  } catch (cause) {
    error = failure(cause);
    interrupted = hasCode(cause, 'Interrupted');
  }
  const ended = { source: source.source, started, inventory, outcomes, error, interrupted };
  for (;;) {
    const made = await withObjectives(vault, makeReport({ ...ended, run }), request.objectives ?? {});
    const report = await linkReport(vault, { ...made, warnings: [...made.warnings, ...problems] }, options.retry);
    const key = reportKey(source.source, run);
    // Without an inventory the id may be that of another run.
    if ((await retry(() => storeOnce(vault, key, report), options.retry)) || inventory) {
      await storeLatest(vault, report);
      return report;
    }
    run = nextId(run);
  }
}

/** An observer of a run must not be able to end it: what it throws becomes a warning, once. */
function harmless(given: RunObserver = {}): { observer: RunObserver; problems: string[] } {
  const problems: string[] = [];
  const guarded =
    <Told extends unknown[]>(tell: ((...told: Told) => void) | undefined) =>
    (...told: Told): void => {
      try {
        tell?.(...told);
      } catch (error) {
        const problem = `what shows this run failed: ${mask(messageOf(error))}`;
        if (!problems.includes(problem) && problems.length < mostProblems) problems.push(problem);
      }
    };
  const observer = {
    inventory: guarded(given.inventory?.bind(given)),
    progress: guarded(given.progress?.bind(given)),
    retrying: guarded(given.retrying?.bind(given)),
    noted: guarded(given.noted?.bind(given)),
    finished: guarded(given.finished?.bind(given)),
  };
  return { observer, problems };
}

const mostProblems = 5;

/** Whatever happens to an item becomes its outcome. */
async function outcomeOf(request: RunRequest, { item, skipped }: ListedItem): Promise<Outcome> {
  const { observer, signal } = request;
  if (skipped !== undefined) return { outcome: 'skipped', item, reason: skipped };
  if (signal?.aborted)
    return { outcome: 'failed', item, code: 'Interrupted', message: 'not started before the run was stopped' };
  try {
    observer?.started?.(item);
    return await backUpItem(
      {
        ...request,
        announced: true,
        onProgress: (at, bytes) => observer?.progress?.(at, bytes),
        onRetry: (at, error) => observer?.retrying?.(at, error),
        onNote: (at, note) => observer?.noted?.(at, note),
      },
      item,
    );
  } catch (error) {
    return { outcome: 'failed', item, ...failure(error) };
  }
}
