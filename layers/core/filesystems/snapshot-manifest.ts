import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { readDigested, writeDigested } from '#core/vault/digested-json.ts';
import { statisticsSchema } from './task.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'));
const nameList = v.strictObject({ count, names: v.array(v.string()) });

export const snapshotManifestSchema = v.strictObject({
  format: v.literal(1),
  /** The ids of the file systems. */
  source: v.string(),
  vault: v.string(),
  label: v.string(),
  interval: v.string(),
  snapshot: v.string(),
  /** The folder of the source that the tree is of. */
  prefix: v.string(),
  /** The snapshot that unchanged files are shared with. */
  previous: v.optional(v.string()),
  statistics: statisticsSchema,
  /** Tells whether the tree is still what was stored: see Counts. */
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')),
  /** What was listed and then gone before it could be copied; the first names of it. */
  vanished: nameList,
  /** Fifos, sockets and devices that the vault's file system cannot hold. */
  omitted: nameList,
  /** Of the list of digests beside the tree: how many files it has, and its own digest. Absent until version 0.2. */
  digests: v.optional(v.strictObject({ files: count, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
  /**
   * Which unchanged files were compared by content with their digests, at the source and in the snapshot before: one
   * part of so many; the next run takes the next part. What differed was copied again.
   */
  compared: v.optional(
    v.strictObject({ part: count, period: count, files: count, damaged: nameList, changed: nameList }),
  ),
  warnings: v.array(v.string()),
  tool: v.strictObject({ name: v.string(), version: v.string(), rsync: v.string() }),
  /** When copying began, by the clock of the vault's file system. */
  clock: time,
  started: time,
  finished: time,
});

/** Makes a snapshot of a file system good, and says all there is to know about it: docs/efs.md. */
export type SnapshotManifest = v.InferOutput<typeof snapshotManifestSchema>;

export function writeSnapshotManifest(manifest: SnapshotManifest): string {
  return writeDigested(manifest).text;
}

/**
 * @param place where it stands, `<label>/<interval>/<snapshot>`; it must speak of that very place
 * @throws {HoldfastError} Damaged
 */
export function readSnapshotManifest(bytes: Buffer, place: string): SnapshotManifest {
  const { json } = readDigested(bytes, (why) => damaged(place, why));
  const what = `the manifest of the snapshot ${place}`;
  const manifest = parseJson(snapshotManifestSchema, json, what, 'Damaged');
  if (`${manifest.label}/${manifest.interval}/${manifest.snapshot}` !== place)
    throw damaged(place, 'it describes another snapshot');
  return manifest;
}

function damaged(place: string, why: string): HoldfastError {
  return new HoldfastError('Damaged', `the manifest of the snapshot ${place} is damaged: ${why}`, {
    advice: 'Use another snapshot; none depends on this one. Its tree may still be intact.',
  });
}
