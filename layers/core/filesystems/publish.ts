import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import type { TaskOutcome } from './run-task.ts';
import { writeSnapshotManifest } from './snapshot-manifest.ts';
import { manifestCopyKey, resultKey, taskPrefix, type Task } from './task.ts';

/** Within some minutes, since the instance has nothing else to do and what it did must not stay untold. */
const patience: RetryPolicy = { attempts: 6, firstWaitMs: 2_000, longestWaitMs: 60_000 };

/** Where a task's outcome goes. */
export interface Publication {
  /** The log bucket. */
  bucket: string;
  /** The Auto Scaling group of the instance. */
  group: string;
  task: Task;
  outcome: TaskOutcome;
  /** Everything that was logged. */
  log: string;
}

/**
 * Stores what is known of a task, its result last: where that stands, all of it does. What is only for looking, log and
 * manifests, may fail; that is said in the result.
 * @throws {HoldfastError} Unavailable where the result could not be stored
 */
export async function publish({ bucket, group, task, outcome, log }: Publication, policy = patience): Promise<void> {
  const { DeleteObjectCommand, PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client(awsConfig());
  const { result, manifest } = outcome;
  const put = (key: string, body: string, type: string): Promise<unknown> =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type }));
  const copyOf = (snapshot: string): string => manifestCopyKey(task.source.id, task.label, task.interval, snapshot);
  const optional = async (what: string, work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => result.warnings.push(`${what} could not be stored: ${messageOf(error)}`));
  };
  try {
    await optional('the log', put(`${taskPrefix(group, task.id)}log.txt`, log, 'text/plain; charset=utf-8'));
    if (manifest)
      await optional(
        'the copy of the manifest',
        put(copyOf(manifest.snapshot), writeSnapshotManifest(manifest), 'application/json'),
      );
    // A copy that outlives its snapshot would promise what is not there.
    for (const snapshot of result.removed?.snapshots ?? [])
      await optional(
        `that the snapshot ${snapshot} is gone`,
        client.send(new DeleteObjectCommand({ Bucket: bucket, Key: copyOf(snapshot) })),
      );
    const key = resultKey(group, task.id);
    await retry(async () => {
      try {
        await put(key, JSON.stringify(result, null, 2), 'application/json');
      } catch (error) {
        const { code, message, advice } = awsError(error, `s3://${bucket}/${key} cannot be written`);
        // Whatever it is, it may be over in a minute, and no one is there to fix it sooner.
        throw new HoldfastError(code, message, { cause: error, transient: true, advice });
      }
    }, policy);
  } finally {
    client.destroy();
  }
}

/**
 * Tells the orchestrator that there is nothing more to do here. It finds that out by itself, too, only later.
 * @throws {HoldfastError} Unavailable
 */
export async function announceEnd({ id, nonce }: Pick<Task, 'id' | 'nonce'>): Promise<void> {
  const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
  const client = new EventBridgeClient(awsConfig());
  const entry = { Source: 'holdfast.efs', DetailType: 'EFS Task Finished', Detail: JSON.stringify({ id, nonce }) };
  try {
    const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount)
      throw new HoldfastError('Unavailable', `EventBridge refused the event: ${Entries?.[0]?.ErrorMessage ?? ''}`);
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    throw awsError(error, 'EventBridge does not know of the end');
  } finally {
    client.destroy();
  }
}
