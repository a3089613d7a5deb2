import * as v from 'valibot';

/**
 * What the orchestrator and the instance say to each other. The task stands in the item of DynamoDB from the start on;
 * the result is the last object that the instance stores, and only where it is there was anything done.
 */

const fileSystemId = v.pipe(v.string(), v.regex(/^fs-[0-9a-f]{8,40}$/, 'must be the id of a file system'));
const accessPoint = v.optional(
  v.pipe(v.string(), v.regex(/^fsap-[0-9a-f]{8,40}$/, 'must be the id of an access point')),
);
const time = v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** One name of a path: it can neither leave its folder nor be hidden. */
const folderName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'must be a plain name'));
/** A path inside a file system, from its root. */
const innerPath = v.pipe(
  v.string(),
  v.regex(/^\//, 'must begin with a slash'),
  v.check((path) => !path.split('/').includes('..'), 'must not lead upwards'),
);

/** `<UTC time>` of a snapshot: sortable, to the second. */
const snapshotName = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d{6}Z$/, 'must be the name of a snapshot'));

const fileSystemSchema = v.strictObject({ id: fileSystemId, accessPoint });

const common = {
  format: v.literal(1),
  /** Names the backup in every message: `backup-<time>-<random>`. */
  id: v.pipe(v.string(), v.regex(/^[a-z]+-[\w.-]+$/, 'must be the id of a backup')),
  /** The file system that is kept. */
  source: fileSystemSchema,
  /** The file system that holds its snapshots. */
  vault: fileSystemSchema,
  /** Where snapshots stand in the vault's file system: `<label>/<interval>/<snapshot>/`. */
  label: folderName,
  interval: folderName,
  /** When whatever runs must have come to its end. */
  windowEnds: time,
  /** How many workers copy at once. */
  workers: v.optional(v.pipe(count, v.minValue(1))),
  /**
   * A random word that whatever speaks of this task must repeat. Only the instance that was given the task knows it:
   * nothing else can report how it ended. Absent where the task came from an older version.
   */
  nonce: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits'))),
};

const backupTaskSchema = v.strictObject({
  ...common,
  action: v.literal('backup'),
  /** The folder of the source that is kept; `/` for all of it. */
  prefix: v.optional(innerPath, '/'),
  /** How many good snapshots are kept. */
  retain: v.pipe(count, v.minValue(1)),
  /** The snapshot that this task makes. */
  snapshot: snapshotName,
  /** Whether a source without a single file may replace a snapshot that had some. */
  acceptEmpty: v.optional(v.boolean(), false),
});

const restoreTaskSchema = v.strictObject({
  ...common,
  action: v.literal('restore'),
  /** The newest where it is absent. */
  snapshot: v.optional(snapshotName),
  /** What is restored of it; `/` for all. */
  path: v.optional(innerPath, '/'),
  /** The file system that gets it: the source, unless another is named. */
  target: v.strictObject({
    fileSystem: fileSystemSchema,
    /** Where it goes there: `/restore-<time>`, or where it came from, in place. */
    folder: innerPath,
    /** Whether the folder may be there already. */
    inPlace: v.boolean(),
  }),
  /** Remove what the snapshot does not have. Only in place. */
  delete: v.optional(v.boolean(), false),
  /** More removals than this are refused before anything is changed. */
  maxDelete: v.optional(count),
  /** Only count what would be done. */
  dryRun: v.optional(v.boolean(), false),
  /** How many of the restored files are compared by their checksums. */
  verify: v.optional(v.picklist(['sample', 'all']), 'sample'),
});

const verifyTaskSchema = v.strictObject({
  ...common,
  action: v.literal('verify'),
  /** The newest where it is absent. */
  snapshot: v.optional(snapshotName),
});

/** What an instance is started for. */
export const taskSchema = v.variant('action', [backupTaskSchema, restoreTaskSchema, verifyTaskSchema]);

export type BackupTask = v.InferOutput<typeof backupTaskSchema>;
export type RestoreTask = v.InferOutput<typeof restoreTaskSchema>;
export type VerifyTask = v.InferOutput<typeof verifyTaskSchema>;
export type Task = v.InferOutput<typeof taskSchema>;

const stageSchema = v.strictObject({ name: v.string(), started: time, finished: v.optional(time) });

/** What was counted; every number whole and without separators. */
export const statisticsSchema = v.strictObject({
  /** Entries of the tree: files, folders, links and the rest. */
  entries: count,
  files: count,
  bytes: count,
  filesTransferred: count,
  bytesTransferred: count,
});

export const resultSchema = v.strictObject({
  format: v.literal(1),
  id: v.string(),
  /** That of the task. */
  nonce: v.optional(v.string()),
  action: v.picklist(['backup', 'restore', 'verify']),
  /**
   * `success`: all of it is done. `incomplete`: the window ended first, the next run goes on. `failed`: see `problem`.
   */
  status: v.picklist(['success', 'incomplete', 'failed']),
  /** One of our codes, what happened, and what to do. */
  problem: v.optional(v.strictObject({ code: v.string(), message: v.string(), advice: v.optional(v.string()) })),
  /** The snapshot that was made, restored or verified. */
  snapshot: v.optional(snapshotName),
  stages: v.array(stageSchema),
  statistics: v.optional(statisticsSchema),
  /** How many files vanished while they were copied; the snapshot's manifest names them. */
  vanished: v.optional(count),
  /** Snapshots that retention removed, and whether the window ended before all that were due. */
  removed: v.optional(v.strictObject({ snapshots: v.array(v.string()), complete: v.boolean() })),
  /** Of a restore: where it went, and how many files were compared by checksum. */
  restored: v.optional(v.strictObject({ folder: v.string(), compared: count, different: count, deleted: count })),
  /** Of a verification: how many files were compared with their digests. */
  compared: v.optional(count),
  warnings: v.array(v.string()),
  tool: v.strictObject({ name: v.string(), version: v.string(), rsync: v.optional(v.string()) }),
  started: time,
  finished: time,
});

export type TaskResult = v.InferOutput<typeof resultSchema>;

/** Where in the log bucket everything of one task stands: below its group, whose instances alone may write there. */
export function taskPrefix(group: string, id: string): string {
  return `efs/results/${group}/${id}/`;
}

/** The object that says how a task ended. */
export function resultKey(group: string, id: string): string {
  return `${taskPrefix(group, id)}result.json`;
}

/** The copy of a snapshot's manifest that can be read without mounting anything. */
export function manifestCopyKey(fileSystem: string, label: string, interval: string, snapshot: string): string {
  return `efs/snapshots/${fileSystem}/${label}/${interval}/${snapshot}.json`;
}
