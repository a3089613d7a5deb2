import pMap from 'p-map';
import { backUpRepository } from '#core/backup/backup-repository.ts';
import type { BackupOptions } from '#core/backup/options.ts';
import type { Failed, Outcome } from '#core/backup/outcome.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/secrecy.ts';
import type { GitSource, Inventory, ListedItem } from '#core/sources/source.ts';
import { runPrefix, type SnapshotId } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/vault.ts';
import { coverageOf, resultOf, type Report } from './report.ts';
import { compareWithEarlier } from './shrinkage.ts';

export interface RunRequest {
  source: GitSource;
  vault: Vault;
  options: BackupOptions;
  /** Names the run and every snapshot that it takes. */
  run: SnapshotId;
  /** How many items are backed up at once. */
  concurrency: number;
  /** The share of items that may be gone since the run before, 0 to 1. */
  largestShrinkage: number;
  signal?: AbortSignal | undefined;
  observer?: RunObserver;
}

/** Told what happens while it happens. */
export interface RunObserver {
  inventory?(inventory: Inventory): void;
  started?(item: ManifestItem): void;
  progress?(item: ManifestItem, bytes: number): void;
  retrying?(item: ManifestItem, error: HoldfastError): void;
  finished?(outcome: Outcome): void;
}

/** One pass over one source. Always ends in a report, which is also stored; no item stops another. */
export async function runBackup(request: RunRequest): Promise<Report> {
  const { source, vault, run, signal, observer } = request;
  const started = new Date().toISOString();
  const items: Outcome[] = [];
  const report: Report = {
    format: 1,
    source: source.source,
    run,
    result: 'failed',
    coverage: coverageOf(0, []),
    bytes: 0,
    started,
    finished: started,
    warnings: [],
    items,
  };
  try {
    const inventory = await source.inventory();
    if (inventory.scope !== undefined) report.scope = inventory.scope;
    report.warnings.push(
      ...inventory.warnings,
      ...(await compareWithEarlier(vault, inventory, request.largestShrinkage)),
    );
    await store(vault, `${runPrefix(source.source, run)}inventory.json`, { format: 1, run, ...inventory });
    observer?.inventory?.(inventory);
    const settle = (outcome: Outcome): void => {
      items.push(outcome);
      observer?.finished?.(outcome);
    };
    await pMap(inventory.listed, async (listed) => settle(await outcomeOf(request, listed)), {
      concurrency: request.concurrency,
    });
    report.coverage = coverageOf(inventory.listed.length, items);
    report.result = resultOf(report.coverage, signal?.aborted ?? false);
  } catch (error) {
    report.error = failure(error);
    if (hasCode(error, 'Interrupted')) report.result = 'interrupted';
  }
  report.bytes = items.reduce((sum, item) => sum + (item.outcome === 'stored' ? item.bytes : 0), 0);
  report.finished = new Date().toISOString();
  await store(vault, `${runPrefix(source.source, run)}report.json`, report);
  return report;
}

/** Whatever happens to an item becomes its outcome. */
async function outcomeOf(request: RunRequest, listed: ListedItem): Promise<Outcome> {
  const { item, skipped } = listed;
  if (skipped !== undefined) return { outcome: 'skipped', item, reason: skipped };
  if (request.signal?.aborted)
    return { outcome: 'failed', item, code: 'Interrupted', message: 'not begun before the run was stopped' };
  request.observer?.started?.(item);
  try {
    return await backUp(request, item);
  } catch (error) {
    return { outcome: 'failed', item, ...failure(error) };
  }
}

async function backUp(request: RunRequest, item: ManifestItem): Promise<Outcome> {
  try {
    return await backUpAt(request, item);
  } catch (error) {
    if (!hasCode(error, 'SourceMissing')) throw error;
    // It may have been renamed since it was listed; its id tells.
    const now = await request.source.locate?.(item);
    if (!now || now.path.join('/') === item.path.join('/')) throw error;
    return backUpAt(request, now);
  }
}

async function backUpAt(request: RunRequest, item: ManifestItem): Promise<Outcome> {
  const { source, vault, options, run, signal, observer } = request;
  const transport = source.open(item);
  try {
    return await backUpRepository({
      item,
      transport,
      vault,
      snapshot: run,
      options,
      signal,
      onProgress: (bytes) => observer?.progress?.(item, bytes),
      onRetry: (error) => observer?.retrying?.(item, error),
    });
  } finally {
    transport.close();
  }
}

function failure(error: unknown): Pick<Failed, 'code' | 'message' | 'advice'> {
  if (!(error instanceof HoldfastError)) return { code: 'Unexpected', message: mask(messageOf(error)) };
  return {
    code: error.code,
    message: mask(error.message),
    ...(error.advice === undefined ? {} : { advice: error.advice }),
  };
}

async function store(vault: Vault, key: string, content: object): Promise<void> {
  await vault.create(key, Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
}
