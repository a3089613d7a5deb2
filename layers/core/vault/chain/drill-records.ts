import pMap from 'p-map';
import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { drillsPrefix, verdictsPrefix, type Source } from '../layout.ts';
import { nextId, type SnapshotId } from '../snapshot-id.ts';
import type { Vault } from '../storage/vault.ts';
import { digestOf } from './digest-list.ts';
import { readsAtOnce } from './read-chain.ts';
import { readRecord } from './read-record.ts';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const place = v.object({ key: v.string(), sha256: digest });

/** What binds a record of a drill into the chain; the rest of it is for people. */
const recordSchema = v.object({
  before: v.optional(place),
  roots: v.array(place),
  verdicts: v.array(place),
});

export interface Place {
  key: string;
  sha256: string;
}

export interface DrillRecord extends v.InferOutput<typeof recordSchema> {
  key: string;
  sha256: string;
  /** When storage received it, in milliseconds. */
  modified: number;
}

/** What drills and verifications of a source left, oldest first. @param damaged takes the key of one that cannot be read */
export async function readDrillRecords(
  vault: Vault,
  source: Source,
  damaged: (key: string) => void = () => undefined,
): Promise<DrillRecord[]> {
  const records: DrillRecord[] = [];
  for await (const { key, modified } of vault.list(drillsPrefix(source))) {
    const found = await readRecord(vault, key, recordSchema);
    if (found) records.push({ ...found.content, key, sha256: found.sha256, modified: modified.getTime() });
    else damaged(key);
  }
  return records;
}

/**
 * Stores what a drill or a verification found, and with it the digests of the verdicts that it left. The first record of a
 * source takes all verdicts that are there.
 * @param verdicts the keys of those that it left
 * @param content for people, beside what binds the record
 * @returns its key
 */
export async function storeDrillRecord(
  vault: Vault,
  source: Source,
  drill: SnapshotId,
  { verdicts, roots, content }: { verdicts: readonly string[]; roots: readonly Place[]; content: object },
): Promise<string> {
  const before = (await readDrillRecords(vault, source)).at(-1);
  const keys = before ? verdicts : await verdictsThere(vault, source);
  const digests = await pMap(
    [...keys].sort(),
    async (key) => ({ key, sha256: await digestOf(vault, key).catch(goneOr) }),
    { concurrency: readsAtOnce },
  );
  const record = {
    format: 1,
    source,
    ...content,
    ...(before ? { before: { key: before.key, sha256: before.sha256 } } : {}),
    roots,
    verdicts: digests.filter(({ sha256 }) => sha256 !== ''),
  };
  const bytes = Buffer.from(`${JSON.stringify(record, null, 2)}\n`);
  for (let id = drill; ; id = nextId(id)) {
    const key = `${drillsPrefix(source)}${id}.json`;
    try {
      await vault.create(key, bytes);
      return key;
    } catch (error) {
      // Another one began in the same millisecond.
      if (!hasCode(error, 'AlreadyExists')) throw error;
    }
  }
}

/** A verdict is removed with its snapshot. */
function goneOr(error: unknown): string {
  if (!hasCode(error, 'NotFound')) throw error;
  return '';
}

async function verdictsThere(vault: Vault, source: Source): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of vault.list(verdictsPrefix(`${source}/`))) keys.push(key);
  return keys;
}
