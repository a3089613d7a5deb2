import { checkKey, type SnapshotId } from './layout.ts';
import type { Vault } from './storage/vault.ts';

/** What a check of one snapshot found. No problems: intact. */
export interface CheckResult {
  item: string;
  snapshot: SnapshotId;
  problems: string[];
  /** Bytes that were read to find out. */
  bytes: number;
}

/**
 * Leaves the verdict beside the snapshot, where the next backup finds it without a request of its own: nothing is
 * built on a damaged snapshot, and retention keeps the last that were proven.
 * @returns false where the vault lets us read but not write
 */
export async function recordCheck(vault: Vault, result: CheckResult, how: 'verify' | 'drill'): Promise<boolean> {
  const now = new Date();
  const verdict = result.problems.length === 0 ? 'intact' : 'damaged';
  const record = { format: 1, how, verdict, problems: result.problems, bytes: result.bytes, time: now.toISOString() };
  try {
    await vault.create(
      checkKey(result.item, result.snapshot, now, verdict),
      Buffer.from(`${JSON.stringify(record, null, 2)}\n`),
    );
    return true;
  } catch {
    // The verdict itself reaches whoever asked for it; only the note of it is lost.
    return false;
  }
}
