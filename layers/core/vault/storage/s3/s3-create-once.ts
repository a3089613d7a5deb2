import { HeadObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { HoldfastError } from '#core/runtime/errors.ts';

export interface S3Object {
  Bucket: string;
  Key: string;
}

/** By what an object is known again: S3 has checked that its content fits this checksum. */
export interface Fingerprint {
  bytes: number;
  /** As S3 writes it: base64, and for several parts the checksum of their checksums with the number of parts. */
  crc32: string;
}

/**
 * Sends the request that makes an object exist, if none is there. Where an answer was lost, the object may exist
 * though the request failed, and the SDK's next try meets the object of its own first: that is success.
 * @throws {HoldfastError} AlreadyExists, or what the request threw
 */
export async function createOnce(
  client: S3Client,
  object: S3Object,
  fingerprint: Fingerprint,
  send: () => Promise<unknown>,
): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!mayHaveSucceeded(error)) throw error;
    const found = await client
      .send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }))
      .catch(() => undefined);
    if (!found) throw error;
    if (found.ContentLength === fingerprint.bytes && found.ChecksumCRC32 === fingerprint.crc32) return;
    throw new HoldfastError('AlreadyExists', `the vault has ${object.Key} already, with another content`, {
      cause: error,
    });
  }
}

/** Not when S3 refused the first try: then nothing of it exists. */
function mayHaveSucceeded(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return true;
  const { attempts = 1, httpStatusCode = 0 } = error.$metadata;
  return attempts > 1 || httpStatusCode >= 500;
}
