import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/http.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { claimKey, isSnapshotId, snapshotIdOf, timeOf, type SnapshotId } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** What an item is at its source, as far as it decides whether a snapshot is due: the revision of a version, say. */
export type State = Readonly<Record<string, unknown>>;

/** That a version is gone, whatever it was before. */
export const deleted = { status: 'Deleted' };

/** The same for equal states; the order of the properties counts. */
export function stateDigest(state: State): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 32);
}

const claimSchema = v.object({ snapshot: v.pipe(v.string(), v.check(isSnapshotId, 'must be a snapshot id')) });

/** A claim is a few lines. */
const largestClaim = 1 << 20;

/**
 * The id under which the snapshot of a state is stored: that of whoever saw the state first, be it that this one is
 * still at work, has died, or is done. So an event that comes ten times leads to one snapshot.
 * @param after the newest snapshot that there was
 */
export async function claimSnapshot(
  vault: Vault,
  item: string,
  after: SnapshotId | undefined,
  state: State,
): Promise<SnapshotId> {
  // A clock that is slow must not put the new snapshot before the one that it follows.
  const earliest = after === undefined ? 0 : timeOf(after).getTime() + 1;
  const snapshot = snapshotIdOf(new Date(Math.max(Date.now(), earliest)));
  const key = claimKey(item, after, stateDigest(state));
  try {
    await vault.create(key, Buffer.from(`${JSON.stringify({ format: 1, snapshot, state }, null, 2)}\n`));
    return snapshot;
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
    const text = (await readWhole(vault.read(key), largestClaim, key)).toString('utf8');
    return parseJson(claimSchema, text, key, 'Damaged').snapshot;
  }
}
