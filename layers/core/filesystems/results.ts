import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { resultKey, resultSchema, type TaskResult } from './task.ts';

/**
 * How a task ended, as its instance says it; undefined where it has not said so yet.
 * @throws {HoldfastError} Damaged where the result is none, or another's; Unavailable, AccessDenied
 */
export async function readResult(bucket: string, id: string): Promise<TaskResult | undefined> {
  const key = resultKey(id);
  const text = await readObject(bucket, key);
  if (text === undefined) return undefined;
  const result = parseJson(resultSchema, text, `the result s3://${bucket}/${key}`, 'Damaged');
  if (result.id !== id) throw new HoldfastError('Damaged', `the result s3://${bucket}/${key} speaks of another task`);
  return result;
}

/** An object of the log bucket; undefined where there is none. */
export async function readObject(bucket: string, key: string): Promise<string | undefined> {
  const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({});
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body?.transformToString();
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    const denied = error instanceof Error && /AccessDenied|Credentials|ExpiredToken/.test(error.name);
    throw new HoldfastError(
      denied ? 'AccessDenied' : 'Unavailable',
      `s3://${bucket}/${key} cannot be read: ${messageOf(error)}`,
      { cause: error, transient: !denied },
    );
  } finally {
    client.destroy();
  }
}
