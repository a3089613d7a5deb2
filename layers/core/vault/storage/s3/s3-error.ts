import { S3ServiceException } from '@aws-sdk/client-s3';
import { commonAwsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { saysPartsMustBeEqual } from './s3-parts.ts';

/** What S3's and the SDK's errors mean to the rest of the program. */
export function storageError(error: unknown, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const details = { cause: error };
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : undefined;
  if (status === undefined) return withoutAnswer(error, key);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : '';
  const name = error instanceof Error ? error.name : '';
  if (name === 'NoSuchBucket') return new HoldfastError('NotFound', `there is no such bucket (for ${key})`, details);
  if (name === 'NoSuchUpload')
    return new HoldfastError('StorageFailed', `the upload of ${key} was aborted by another program`, {
      ...details,
      transient: true,
    });
  if (status === 404) return new HoldfastError('NotFound', `the vault has no ${key}`, details);
  if (status === 412) return new HoldfastError('AlreadyExists', `the vault already has ${key}`, details);
  // What is wrong with the credentials comes with any status.
  const common = /AccessDenied|Forbidden/.test(name) ? undefined : commonAwsError(error, `S3 refuses ${key}: ${text}`);
  if (common) return common;
  if (status === 403 || status === 401)
    return new HoldfastError('AccessDenied', `S3 refuses ${key}: ${text}`, {
      ...details,
      advice: 'Check the credentials, the bucket policy and the permissions on its KMS key.',
    });
  return new HoldfastError('StorageFailed', `S3 failed on ${key}: ${text}`, {
    ...details,
    transient: (status >= 500 && status !== 501) || status === 429 || isRetryable(error),
    advice: saysPartsMustBeEqual(text)
      ? 'The store wants all parts of an upload to be of one size: set HOLDFAST_S3_PART_MIB, such as to 16, by which 156 GiB fit into an object.'
      : /checksum|x-amz-(sdk|trailer)|NotImplemented/i.test(text)
        ? 'If the store does not support newer checksums, set AWS_REQUEST_CHECKSUM_CALCULATION=when_required and AWS_RESPONSE_CHECKSUM_VALIDATION=when_required.'
        : undefined,
  });
}

function isRetryable(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$retryable !== undefined;
}

/** No answer came, or not the one that was announced. */
function withoutAnswer(error: unknown, key: string): HoldfastError {
  const said = messageOf(error) || (systemCode(error) ?? '');
  const details = { cause: error, transient: true };
  // The SDK compares what it read with the checksum that came before it.
  if (/^Checksum mismatch/.test(said))
    return new HoldfastError(
      'StorageFailed',
      `the content of ${key} does not match the checksum that S3 sent with it`,
      {
        ...details,
        advice: 'It was damaged in transit, or it is damaged in the store: holdfast verify shows which.',
      },
    );
  const unreachable = `S3 cannot be reached for ${key}: ${said}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(`${systemCode(error) ?? ''} ${said}`))
    return new HoldfastError('StorageFailed', unreachable, {
      ...details,
      advice: 'Check AWS_REGION, AWS_ENDPOINT_URL_S3, the network and the proxy variables.',
    });
  return commonAwsError(error, unreachable) ?? new HoldfastError('StorageFailed', unreachable, details);
}
