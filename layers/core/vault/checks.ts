import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { parseVerdictKey, verdictKey, verdictsPrefix, type Verdict } from './layout.ts';
import type { SnapshotId } from './snapshot-id.ts';
import type { ListedObject, Vault } from './storage/vault.ts';

/** What a check of one snapshot found. No problems: intact. */
export interface CheckResult {
  item: string;
  snapshot: SnapshotId;
  problems: string[];
  /** Bytes that were read to find out. */
  bytes: number;
  /** How long it took; of a drill that is how long a restore takes at least. */
  milliseconds?: number;
}

/**
 * Leaves the verdict where the next backup finds it by listing: nothing is built on a damaged snapshot, and retention
 * keeps the last that were proven.
 * @returns false where the vault lets us read but not write
 */
export async function recordCheck(vault: Vault, result: CheckResult, how: 'verify' | 'drill'): Promise<boolean> {
  const verdict = result.problems.length === 0 ? 'intact' : 'damaged';
  const time = new Date().toISOString();
  const { problems, bytes, milliseconds } = result;
  const took = milliseconds === undefined ? {} : { milliseconds };
  const record = { format: 1, how, verdict, problems, bytes, ...took, time };
  try {
    await vault.replace(
      verdictKey(result.item, result.snapshot, verdict),
      Buffer.from(`${JSON.stringify(record, null, 2)}\n`),
    );
    return true;
  } catch {
    // The verdict itself reaches the caller; only the note of it is lost.
    return false;
  }
}

const recordSchema = v.object({ problems: v.array(v.string()) });

/** What the last check that found a snapshot damaged said; nothing where that cannot be read. */
export async function readProblems(vault: Vault, item: string, snapshot: SnapshotId): Promise<string[]> {
  const key = verdictKey(item, snapshot, 'damaged');
  try {
    const text = (await readWhole(vault.read(key), largestVerdict, key)).toString('utf8');
    return parseJson(recordSchema, text, key, 'Damaged').problems;
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return [];
  }
}

const largestVerdict = 16 << 20;

/** What checks found of one snapshot. */
export interface Checked {
  /** The one that storage received last; of two that it received at the same time, the worse. */
  verdict: Verdict;
  modified: Date;
  objects: ListedObject[];
}

/**
 * The verdicts on all snapshots below a prefix, by the prefix of the snapshot. Their order is that of storage's own
 * times: what a verdict says of its time could be made up.
 * @param prefix of an item, or of several: a source
 */
export async function verdictsBelow(vault: Vault, prefix: string): Promise<Map<string, Checked>> {
  const found = new Map<string, Checked>();
  for await (const object of vault.list(verdictsPrefix(prefix))) {
    const { snapshot, verdict } = parseVerdictKey(object.key) ?? {};
    if (snapshot === undefined || verdict === undefined) continue;
    const known = found.get(snapshot);
    const objects = [...(known?.objects ?? []), object];
    // "damaged" is listed before "intact", so of two of the same time it stays.
    const later = known === undefined || object.modified > known.modified;
    found.set(snapshot, later ? { verdict, modified: object.modified, objects } : { ...known, objects });
  }
  return found;
}

const measuredSchema = v.object({ how: v.literal('drill'), bytes: v.number(), milliseconds: v.number() });

/**
 * How long the last drill of a snapshot took, and how much it read.
 * @returns undefined where none was held, or where its verdict does not say
 */
export async function drillTime(
  vault: Vault,
  { item, snapshot }: { item: string; snapshot: SnapshotId },
): Promise<{ milliseconds: number; bytes: number } | undefined> {
  const key = verdictKey(item, snapshot, 'intact');
  const text = await readWhole(vault.read(key), largestVerdict, key).catch((error: unknown) => {
    if (hasCode(error, 'NotFound')) return undefined;
    throw error;
  });
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), measuredSchema), text?.toString('utf8'));
  return parsed.success ? parsed.output : undefined;
}
