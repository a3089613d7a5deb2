import { rename } from 'node:fs/promises';
import path from 'node:path';
import { removeTree } from './remove-tree.ts';
import { readSeries, removingPrefix, type Series } from './snapshots.ts';
import type { Threads } from './threads.ts';

/**
 * The snapshots that are due to be removed, oldest first. It counts and asks no clock, so that no clock can make it remove too much;
 * one that a wrong clock has dated into the future takes the place of a kept one at most.
 * @param good names of good snapshots; only these count, since nothing can be restored from the others
 * @param made the one that was just made, which stays whatever its name
 */
export function dueForRemoval(good: readonly string[], retain: number, made: string): string[] {
  const newestFirst = good.toSorted((a, b) => (a < b ? 1 : -1));
  return newestFirst
    .slice(Math.max(1, retain))
    .filter((name) => name !== made)
    .toReversed();
}

/** What retention did. */
export interface Removed {
  snapshots: string[];
  /** Whether all that was due is gone. */
  complete: boolean;
}

/**
 * Removes what is no longer kept: snapshots beyond their number, copies that this snapshot has made needless, and what
 * an interrupted removal left. Each is renamed first, so that a snapshot is whole for as long as it is seen.
 */
export async function applyRetention(
  series: Series,
  { retain, made, threads, signal }: { retain: number; made: string; threads: Threads; signal: AbortSignal },
): Promise<Removed> {
  const { good, incomplete, removing } = await readSeries(series);
  const names = good.map(({ name }) => name);
  const due = names.includes(made) ? dueForRemoval(names, retain, made) : [];
  const removed: Removed = { snapshots: [], complete: false };
  try {
    for (const name of removing) await removeTree(path.join(series.folder, name), threads);
    for (const name of [...incomplete, ...due]) {
      if (signal.aborted) return removed;
      await removeFolder(series, name, threads);
      if (due.includes(name)) removed.snapshots.push(name);
    }
  } catch (error) {
    // The snapshot is made; the next run goes on removing.
    if (signal.aborted) return removed;
    throw error;
  }
  return { ...removed, complete: true };
}

/** Removes a snapshot or an unfinished copy. */
export async function removeFolder(series: Series, name: string, threads: Threads): Promise<void> {
  const removing = path.join(series.folder, `${removingPrefix}${name.replace(/^\./, '')}`);
  await rename(path.join(series.folder, name), removing);
  await removeTree(removing, threads);
}
