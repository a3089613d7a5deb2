import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { BackupRecord } from './records.ts';
import { resultKey, resultSchema, type TaskResult } from './task.ts';

/** What of a record tells its result from any other. */
export type ResultOwner = Pick<BackupRecord, 'BackupId' | 'Group' | 'Task' | 'BackupStartTime'>;

/** How far the clocks of S3 and of the function that started the task may differ, in milliseconds. */
const clockSkewMs = 60_000;

/**
 * How a task ended, as its instance says it; undefined where it has not said so yet.
 * @throws {HoldfastError} Damaged where what is stored is not the result of this very task; Unavailable, AccessDenied
 */
export async function readResult(
  bucket: string,
  { BackupId: id, Group, Task: task, BackupStartTime }: ResultOwner,
): Promise<TaskResult | undefined> {
  const key = resultKey(Group, id);
  const stored = await getObject(bucket, key);
  if (stored === undefined) return undefined;
  const place = `s3://${bucket}/${key}`;
  const result = parseJson(resultSchema, stored.text, `the result ${place}`, 'Damaged');
  const refuse = (why: string): never => {
    throw new HoldfastError('Damaged', `the result ${place} is not trusted: ${why}`, {
      advice: 'Find out who wrote it: only the instance of the task should.',
    });
  };
  if (result.id !== id) refuse('it is of another task');
  if (result.nonce !== task.nonce) refuse('it does not repeat the random word of the task');
  if (stored.modified !== undefined && stored.modified.getTime() < Date.parse(BackupStartTime) - clockSkewMs)
    refuse('it is older than the task');
  return result;
}

/** The text of an object of the log bucket; undefined where there is none. */
export async function readObject(bucket: string, key: string): Promise<string | undefined> {
  return (await getObject(bucket, key))?.text;
}

async function getObject(
  bucket: string,
  key: string,
): Promise<{ text: string; modified: Date | undefined } | undefined> {
  const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client(awsConfig());
  try {
    const { Body, LastModified } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { text: (await Body?.transformToString()) ?? '', modified: LastModified };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw awsError(error, `s3://${bucket}/${key} cannot be read`);
  } finally {
    client.destroy();
  }
}
