import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { HoldfastError } from '#core/runtime/errors.ts';

export interface S3Object {
  Bucket: string;
  Key: string;
}

/** The name of the metadata by which a writer recognises its own object. */
const mark = 'holdfast-write';

/** One attempt to create an object: its mark, so that it is recognised whatever the store makes of checksums. */
export interface Attempt {
  Metadata: Record<string, string>;
}

export function newAttempt(): Attempt {
  return { Metadata: { [mark]: randomUUID() } };
}

/**
 * Sends the request that makes an object exist, if none is there. Where an answer was lost, or the request arrived twice,
 * the object may exist though the request failed: if it is the object of this very attempt, that is success.
 * @throws {HoldfastError} AlreadyExists, or what the request threw
 */
export async function createOnce(
  client: S3Client,
  object: S3Object,
  { Metadata }: Attempt,
  bytes: number,
  send: () => Promise<unknown>,
): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!mayHaveSucceeded(error)) throw error;
    const found = await client.send(new HeadObjectCommand(object)).catch(() => undefined);
    if (!found) throw error;
    if (found.ContentLength === bytes && found.Metadata?.[mark] === Metadata[mark]) return;
    throw new HoldfastError('AlreadyExists', `the vault already has ${object.Key}`, { cause: error });
  }
}

/**
 * For stores that would overwrite: looks first, which is enough unless two write the same key at the same moment.
 * @throws {HoldfastError} AlreadyExists
 */
export async function refuseExisting(client: S3Client, object: S3Object): Promise<void> {
  try {
    await client.send(new HeadObjectCommand(object));
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return;
    throw error;
  }
  throw new HoldfastError('AlreadyExists', `the vault already has ${object.Key}`);
}

/** Not when the store refused the first try for another reason than that something is there: then nothing of it exists. */
function mayHaveSucceeded(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return true;
  const { attempts = 1, httpStatusCode = 0 } = error.$metadata;
  // An upload that is completed twice is not known any more the second time.
  return attempts > 1 || httpStatusCode >= 500 || httpStatusCode === 412 || error.name === 'NoSuchUpload';
}
