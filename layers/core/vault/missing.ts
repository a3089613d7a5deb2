import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Catalogue } from './catalogue.ts';
import { removedPrefix, snapshotPrefix, type Source } from './layout.ts';
import { isSnapshotId, type SnapshotId } from './snapshot-id.ts';
import { shortDigest } from './reported.ts';
import type { Vault } from './storage/vault.ts';

/** A snapshot that a run stored, and that is neither there nor was removed on the record. */
export interface MissingSnapshot {
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  /** The report that names it. */
  report: string;
}

const snapshot = v.pipe(v.string(), v.check(isSnapshotId, 'must be a snapshot id'));

/** Reports of before say nothing of removals, which left no record then. */
const reportSchema = v.object({
  removals: v.optional(v.literal('recorded')),
  items: v.array(v.object({ outcome: v.string(), prefix: v.optional(v.string()), snapshot: v.optional(snapshot) })),
});

const removedSchema = v.object({ snapshots: v.array(v.object({ item: v.string(), snapshot })) });

/** A hundred thousand items take about 50 MB. */
const largestFile = 512 << 20;

/**
 * Compares what is there with what ought to be: what the reports of runs say was stored, less what retention says that
 * it removed.
 * @param within tells the items that are looked at by their prefixes; by default all
 */
export async function missingSnapshots(
  vault: Vault,
  catalogue: Catalogue,
  source: Source,
  within?: (item: string) => boolean,
): Promise<MissingSnapshot[]> {
  const accounted = new Set<number>();
  const account = (item: string, id: SnapshotId): void => void accounted.add(shortDigest(snapshotPrefix(item, id)));
  const missing = new Map<string, MissingSnapshot>();
  for await (const { key } of vault.list(`runs/${source}/`)) {
    if (!key.endsWith('/report.json')) continue;
    const report = await read(vault, key, reportSchema);
    if (report?.removals !== 'recorded') continue;
    for (const { prefix, snapshot: id } of report.items) {
      if (prefix === undefined || id === undefined || within?.(prefix) === false) continue;
      missing.set(snapshotPrefix(prefix, id), { item: prefix, snapshot: id, report: key });
    }
  }
  if (missing.size === 0) return [];
  // Looked at after the reports: what was removed meanwhile is accounted for, and what was stored is not asked for.
  if (within)
    for (const prefix of new Set([...missing.values()].map(({ item }) => item)))
      for (const entry of (await catalogue.item(prefix)).snapshots)
        if (entry.hasManifest) account(prefix, entry.snapshot);
  if (!within)
    for await (const { snapshots } of catalogue.items(source))
      for (const entry of snapshots) if (entry.hasManifest) account(entry.item, entry.snapshot);
  for await (const { key } of vault.list(removedPrefix(source)))
    for (const { item, snapshot: id } of (await read(vault, key, removedSchema))?.snapshots ?? []) account(item, id);
  return [...missing].filter(([key]) => !accounted.has(shortDigest(key))).map(([, found]) => found);
}

/** Undefined where it is damaged: then nothing is known from it. */
async function read<Schema extends v.GenericSchema>(
  vault: Vault,
  key: string,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> {
  try {
    return parseJson(schema, (await readWhole(vault.read(key), largestFile, key)).toString('utf8'), key, 'Damaged');
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return undefined;
  }
}
