import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import type { PlainItem } from './attributes.ts';
import { openTable, type Condition, type Table } from './table.ts';
import { taskSchema, type Task } from './task.ts';

/** Where a task stands: `starting` until the instance is asked for, `stopping` from when it must end. */
const states = ['starting', 'running', 'stopping', 'ended'] as const;
export type State = (typeof states)[number];

/** All states in which a task is not over. */
export const unended = ['starting', 'running', 'stopping'] as const satisfies readonly State[];

/** How a task ended, in words that people have in their mail filters. */
const statuses = [
  'running',
  'success',
  /** The window ended first; the next run goes on. */
  'incomplete',
  /** It never came to copying: refused at the start, no instance, no mount target, mount failed. */
  'unsuccessful',
  /** The copy, restore or verification failed or did not start. */
  'failed',
  /** The snapshot is there; older ones that were due could not all be removed. */
  'delete stage incomplete',
  /** Nothing reported how it ended. */
  'unknown',
] as const;
export type Status = (typeof statuses)[number];

const text = v.optional(v.string());
const number = v.optional(v.number());
export const problemSchema = v.object({ code: v.string(), message: v.string(), advice: text });
export type Problem = v.InferOutput<typeof problemSchema>;

/** One task in the table. The names are those of the EFS-to-EFS solution, so that what reads its table goes on. */
export const recordSchema = v.object({
  BackupId: v.string(),
  FileSystem: v.string(),
  /** The Auto Scaling group of its instance. */
  Group: v.string(),
  State: v.picklist(states),
  BackupStatus: v.picklist(statuses),
  Task: taskSchema,
  /** Whether a person waits for the answer to the start, and so needs no message about a refusal. */
  Interactive: v.optional(v.boolean()),
  /** Whether it was refused before anything was begun. */
  Refused: v.optional(v.boolean()),
  BackupStartTime: v.string(),
  /** When the instance is stopped, which is some time before the window ends. */
  StopTime: v.string(),
  WindowEnds: v.string(),
  /** Minutes. */
  BackupWindow: v.number(),
  /** When DynamoDB forgets it: seconds since 1970. */
  ExpireItem: v.number(),
  IntervalTag: v.string(),
  RetainPeriod: v.number(),
  /** The folder of its snapshots in the destination. */
  BackupPrefix: v.string(),
  SourceEfsId: v.string(),
  DestinationEfsId: v.string(),
  SourceEfsSize: number,
  SourcePerformanceMode: text,
  /** Bytes; absent where CloudWatch has no datapoint. */
  SourceBurstCreditBalance: number,
  SourceBurstCreditBalancePostBackup: number,
  /** Bytes a second. */
  SourcePermittedThroughput: number,
  DestinationEfsSize: number,
  DestinationPerformanceMode: text,
  InstanceId: text,
  InstanceType: text,
  /** Why it was stopped. */
  StopReason: v.optional(v.picklist(['window', 'finished', 'instance', 'launch'])),
  /** What Auto Scaling said of launches that failed. */
  LaunchProblem: text,
  /** When the shutdown of the instance began, the command that does it, and what went wrong with it. */
  ShutdownBegan: text,
  ShutdownCommand: text,
  ShutdownProblem: text,
  BackupStopTime: text,
  Problem: v.optional(problemSchema),
  Warnings: v.optional(v.array(v.string())),
  Snapshot: text,
  NumberOfFiles: number,
  NumberOfFilesTransferred: number,
  TotalFileSize: number,
  TotalTransferredFileSize: number,
  Stages: v.optional(v.array(v.object({ Name: v.string(), StartTime: v.string(), StopTime: text }))),
  LogLocation: text,
  /** Until when an invocation is sending the notification, and when it was sent. */
  Announcing: text,
  Announced: text,
});

export type BackupRecord = v.InferOutput<typeof recordSchema>;
export type RecordChanges = Partial<{ [Name in keyof BackupRecord]: BackupRecord[Name] | undefined }>;

/** @throws {HoldfastError} Damaged where the item is not as this program writes it */
export async function readRecord(table: Table, id: string): Promise<BackupRecord | undefined> {
  const item = await table.get(id);
  return item && recordOf(item);
}

/** False where it is there already. */
export function createRecord(table: Table, record: BackupRecord): Promise<boolean> {
  return table.put(record, [{ attribute: 'BackupId', absent: true }]);
}

/**
 * Changes a task that is in one of these states.
 * @returns the record as it is now; undefined where it is in another state, or more was asked and does not hold
 */
export async function changeRecord(
  table: Table,
  id: string,
  from: readonly State[],
  changes: RecordChanges,
  conditions: readonly Condition[] = [],
): Promise<BackupRecord | undefined> {
  const item = await table.update(id, changes, [{ attribute: 'State', in: from }, ...conditions]);
  return item && recordOf(item);
}

/** Every task that the table still has, in no order. Items that cannot be read are handed to `onUnreadable`. */
export async function* allRecords(
  table: Table,
  onUnreadable: (id: string, error: unknown) => void = () => undefined,
): AsyncGenerator<BackupRecord> {
  for await (const item of table.all()) {
    const id = keyOf(item);
    if (id.startsWith(lockPrefix)) continue;
    try {
      yield recordOf(item);
    } catch (error) {
      onUnreadable(id, error);
    }
  }
}

const lockPrefix = 'lock#';
const lockSchema = v.object({ Running: v.string() });

/** The id of the task that has the group. */
export async function readLock(table: Table, group: string): Promise<string | undefined> {
  const item = await table.get(lockPrefix + group);
  return item && parse(lockSchema, item, `the lock of ${group}`, 'Damaged').Running;
}

/** Whether the task has the group now; it may have had it before. */
export function takeLock(table: Table, group: string, id: string): Promise<boolean> {
  return table.put({ BackupId: lockPrefix + group, Running: id }, [{ attribute: 'Running', absentOr: id }]);
}

/** Whether the task had the group. */
export function releaseLock(table: Table, group: string, id: string): Promise<boolean> {
  return table.remove(lockPrefix + group, [{ attribute: 'Running', in: [id] }]);
}

/** The task that has the group, whatever its state; undefined where there is none. */
export async function readHolder(table: Table, group: string): Promise<BackupRecord | undefined> {
  const id = await readLock(table, group);
  return id === undefined ? undefined : readRecord(table, id);
}

/**
 * What the instance of a group is started for.
 * @throws {HoldfastError} NotFound where there is nothing to do, or no longer
 */
export async function readTask(table: string, group: string): Promise<Task> {
  const opened = await openTable(table);
  const record = await readHolder(opened, group).finally(() => opened.close());
  if (record && (record.State === 'starting' || record.State === 'running')) return record.Task;
  throw new HoldfastError('NotFound', `there is no task for the group ${group}`, {
    advice: 'The next run of the janitor ends the instance.',
  });
}

function recordOf(item: PlainItem): BackupRecord {
  return parse(recordSchema, item, `the item ${keyOf(item)}`, 'Damaged');
}

function keyOf({ BackupId: key }: PlainItem): string {
  return typeof key === 'string' ? key : '';
}
