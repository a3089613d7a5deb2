import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { claimKey, parseClaimKey } from '#core/vault/layout.ts';
import { isOfTheFuture, isSnapshotId, snapshotIdOf, timeOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** What an item is at its source, as far as it decides whether a snapshot is due: the revision of a version, say. */
export type State = Readonly<Record<string, unknown>>;

/** That a version is gone, whatever it was before. */
export const deleted = { status: 'Deleted' };

/** The same for equal states; the order of the properties counts. */
export function stateDigest(state: State): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 32);
}

const claimSchema = v.object({
  snapshot: v.pipe(v.string(), v.check(isSnapshotId, 'must be a snapshot id')),
  state: v.record(v.string(), v.unknown()),
});

/** A claim is a few lines, and of a package what it has of tags. */
const largestClaim = 16 << 20;

/** So many damaged claims of one state are passed over; then it is not the claims that are wrong. */
const mostDamaged = 10;

/**
 * The id under which the snapshot of a state is stored: that of the first backup to see it, whether that one is
 * still at work, has died, or is done. So an event that comes ten times leads to one snapshot. A claim that is damaged
 * counts for nothing, and all who meet it take the same next one.
 * @param after the newest snapshot that there was
 * @throws {HoldfastError} Damaged where one claim after the other is
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
  for (let damaged = 0; ; damaged++) {
    const claimed = damaged === 0 ? state : { ...state, damagedClaims: damaged };
    const key = claimKey(item, after, stateDigest(claimed));
    try {
      await vault.create(key, Buffer.from(`${JSON.stringify({ format: 1, snapshot, state: claimed }, null, 2)}\n`));
      return snapshot;
    } catch (error) {
      if (!hasCode(error, 'AlreadyExists')) throw error;
    }
    try {
      return await readClaim(vault, key);
    } catch (error) {
      if (!hasCode(error, 'Damaged') || damaged === mostDamaged) throw error;
    }
  }
}

/**
 * The snapshot that a claim names.
 * @throws {HoldfastError} Damaged where it is not what was written under its key
 */
export async function readClaim(vault: Vault, key: string): Promise<SnapshotId> {
  const text = (await readWhole(vault.read(key), largestClaim, key)).toString('utf8');
  const { snapshot, state } = parseJson(claimSchema, text, key, 'Damaged');
  const { after = '', state: digest } = parseClaimKey(key) ?? {};
  const refuse = (why: string): never => {
    throw new HoldfastError('Damaged', `${key} is damaged: ${why}`, {
      advice: 'Nothing depends on it: the next backup ignores it.',
    });
  };
  if (stateDigest(state) !== digest) refuse('it holds another state than its key says');
  if (snapshot <= after) refuse('its snapshot is not later than the one that it follows');
  if (isOfTheFuture(snapshot)) refuse('the time of its snapshot is in the future');
  return snapshot;
}
