import pMap from 'p-map';
import { hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import { Catalogue, type Lineage, type SnapshotEntry } from './catalogue.ts';
import { manifestKey, snapshotPrefix, timeOf, type SnapshotId, type Source } from './layout.ts';
import { keptByPolicy, type RetentionPolicy } from './retention-policy.ts';
import type { Vault } from './storage/vault.ts';

export interface RetentionRequest {
  source: Source;
  policy: RetentionPolicy;
  now: Date;
  /** Only say what would be removed. */
  dryRun: boolean;
  signal?: AbortSignal | undefined;
  /** Told of each snapshot that is gone, or would be. */
  onRemoved?: (snapshot: RemovedSnapshot) => void;
  /** Told of each item of which nothing was removed, because it could not be told what its kept snapshots need. */
  onSpared?: (item: { item: string; why: string }) => void;
}

export interface RemovedSnapshot {
  item: string;
  snapshot: SnapshotId;
  bytes: number;
}

export interface RetentionResult {
  /** Snapshots that stay. */
  kept: number;
  /** Snapshots that went, or would have gone. */
  removed: number;
  /** Items of which nothing was removed. */
  spared: number;
}

/** Items at once: a bucket answers many requests as fast as one. */
const concurrency = 8;

/**
 * Removes what the policy no longer keeps. What a kept snapshot needs is kept with it: the data of its chain, and the
 * snapshot to which it is equal. The manifest goes first, so that whatever is interrupted leaves whole snapshots and
 * leftovers only.
 */
export async function applyRetention(vault: Vault, request: RetentionRequest): Promise<RetentionResult> {
  const catalogue = new Catalogue(vault);
  const result: RetentionResult = { kept: 0, removed: 0, spared: 0 };
  const settle = async ({ address, snapshots }: Lineage): Promise<void> => {
    throwIfInterrupted(request.signal);
    const doomed = await doomedAmong(catalogue, snapshots, request).catch((error: unknown) => {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      result.spared++;
      request.onSpared?.({ item: address, why: messageOf(error) });
      return [];
    });
    result.kept += snapshots.length - doomed.length;
    // Newest first: a snapshot goes before those on which it builds.
    for (const entry of doomed.toReversed()) {
      if (!request.dryRun) await remove(vault, entry);
      result.removed++;
      const bytes = entry.objects.reduce((sum, object) => sum + object.bytes, 0);
      request.onRemoved?.({ item: entry.item, snapshot: entry.snapshot, bytes });
    }
  };
  await pMap(catalogue.lineages(request.source), settle, { concurrency });
  return result;
}

async function doomedAmong(
  catalogue: Catalogue,
  snapshots: SnapshotEntry[],
  { policy, now }: RetentionRequest,
): Promise<SnapshotEntry[]> {
  const keyOf = ({ item, snapshot }: { item: string; snapshot: string }): string => snapshotPrefix(item, snapshot);
  const dated = snapshots.map((entry) => ({
    key: keyOf(entry),
    time: ageOf(entry),
    verified: entry.checked === 'intact',
  }));
  const kept = keptByPolicy(dated, policy, now);
  if (kept.size === snapshots.length) return [];
  const needed = new Set<string>(kept);
  for (const entry of snapshots.filter((one) => kept.has(keyOf(one)))) {
    const { manifest } = await catalogue.manifest(entry.item, entry.snapshot);
    if (manifest.parent) needed.add(keyOf(manifest.parent));
    for (const { key } of manifest.chain) needed.add(key.slice(0, key.lastIndexOf('/') + 1));
  }
  return snapshots.filter((entry) => !needed.has(keyOf(entry)));
}

/** The later of the time that the snapshot bears and the time at which storage says that it was written. */
function ageOf(entry: SnapshotEntry): Date {
  const stored = entry.manifestModified?.getTime() ?? 0;
  return new Date(Math.max(timeOf(entry.snapshot).getTime(), stored));
}

async function remove(vault: Vault, entry: SnapshotEntry): Promise<void> {
  await vault.remove(manifestKey(entry.item, entry.snapshot));
  for (const { key } of [...entry.objects, ...entry.checks]) await vault.remove(key);
}
