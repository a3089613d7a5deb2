import * as v from 'valibot';
import { sources } from '#core/sources/table.ts';
import { chainProblems } from '#core/vault/chain/read-chain.ts';
import { isSnapshotId, snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import { listedItemSchema } from './run-files.ts';

/** What passes between the states of a run in AWS: keys and counts, never lists. */

const source = v.picklist(sources);
const run = v.pipe(v.string(), v.check(isSnapshotId, 'must be the id of a run'));
const started = v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** For `inventory`: how every run begins. */
export const inventoryEventSchema = v.object({ source, execution: v.string(), started });

/** What `inventory` answers. */
export const inventoryResultSchema = v.object({
  source,
  run,
  /** `s3://bucket/prefix`. */
  vault: v.string(),
  /** The deployment's own, for the two below. */
  bucket: v.string(),
  /** The selected items, as a key in the bucket. */
  itemsKey: v.string(),
  /** Where the results of the items go, in the bucket. */
  mapPrefix: v.string(),
  selected: count,
  skipped: count,
  /** What each item may ask of the source's API while all of them run. */
  requestsPerMinute: v.number(),
  /** Also notify of a run that went well. */
  notifySuccess: v.optional(v.boolean(), false),
  /** What is demanded of the source, in seconds. */
  objectives: v.optional(v.object({ rpo: v.optional(v.number()), rto: v.optional(v.number()) }), {}),
});

export type InventoryResult = v.InferOutput<typeof inventoryResultSchema>;

/** For `backup`: one item. */
export const backupEventSchema = v.object({
  source,
  run,
  vault: v.string(),
  item: listedItemSchema,
  requestsPerMinute: v.number(),
});

const failureSchema = v.object({ Error: v.optional(v.string(), 'Unexpected'), Cause: v.optional(v.string(), '') });

/** For `report`: whatever came of the steps before it. */
export const reportEventSchema = v.object({
  source,
  execution: v.string(),
  started,
  inventory: v.nullable(inventoryResultSchema),
  /** The manifest of the map's results. */
  map: v.nullable(v.object({ Bucket: v.string(), Key: v.string() })),
  /** The step that failed. */
  failure: v.nullable(failureSchema),
});

/** For `report` once more, when a run has not ended well: ends the execution, or lets a redrive begin a new run. */
export const endEventSchema = v.object({
  source,
  started,
  end: v.object({
    result: v.picklist(['partial', 'failed', 'interrupted']),
    reportKey: v.string(),
    /** How often the execution had been redriven when the run began. */
    redrives: count,
    /** How often it has been by now. */
    redrivesNow: count,
  }),
});

/** For `retention`. */
export const retentionEventSchema = v.object({ source, execution: v.string(), run, vault: v.string() });

const bytes = v.pipe(v.number(), v.minValue(0));
const notDrilled = v.array(v.object({ item: v.string(), snapshot: run, why: v.string() }));

const place = v.object({ key: v.string(), sha256: v.string() });
const drilledChainSchema = v.object({
  links: count,
  snapshots: count,
  unlisted: count,
  roots: v.array(place),
  problems: v.array(v.object({ what: v.picklist(chainProblems), key: v.string(), why: v.string() })),
  broken: count,
});

/** For `drill`: a part of it, or its end. What a part answers is what the next one, and the end, is given. */
export const drillEventSchema = v.object({
  source,
  started,
  /** Of the parts before; null for the first. */
  part: v.nullable(v.object({ drilled: count, bytes, left: count, notDrilled, chain: drilledChainSchema })),
  /** Whether this is the end. */
  close: v.boolean(),
  /** The part that failed. */
  failure: v.nullable(failureSchema),
});

/** The id of the run that an execution makes: the same however often its steps are repeated. */
export function runOf(started: string): SnapshotId {
  return snapshotIdOf(new Date(started));
}

/** Step Functions gives the cause of a failed function as JSON, of anything else as text. */
const lambdaCauseSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
    try {
      return JSON.parse(dataset.value);
    } catch {
      addIssue({ message: 'must be JSON' });
      return NEVER;
    }
  }),
  v.object({ errorMessage: v.string() }),
);

/** What a failure says, in words. */
export function reasonOf(cause: string): string {
  const parsed = v.safeParse(lambdaCauseSchema, cause);
  return parsed.success ? parsed.output.errorMessage : cause.slice(0, 1000);
}
