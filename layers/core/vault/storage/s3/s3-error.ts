import { S3ServiceException } from '@aws-sdk/client-s3';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';

/** What S3's and the SDK's errors mean to the rest of the program. */
export function storageError(error: unknown, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const details = { cause: error };
  if (!(error instanceof S3ServiceException)) {
    const code = systemCode(error);
    if (error instanceof Error && error.name === 'CredentialsProviderError')
      return new HoldfastError('AccessDenied', 'no AWS credentials were found', {
        ...details,
        advice: 'Set AWS_PROFILE, or sign in by: aws sso login',
      });
    return new HoldfastError('StorageFailed', `S3 cannot be reached for ${key}: ${messageOf(error) || (code ?? '')}`, {
      ...details,
      transient: true,
    });
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  const text = `${error.name}: ${error.message}`;
  if (error.name === 'NoSuchBucket')
    return new HoldfastError('NotFound', `there is no such bucket (for ${key})`, details);
  if (error.name === 'NoSuchUpload')
    return new HoldfastError('StorageFailed', `the upload of ${key} was aborted by somebody else`, {
      ...details,
      transient: true,
    });
  if (status === 404) return new HoldfastError('NotFound', `the vault has no ${key}`, details);
  if (status === 412) return new HoldfastError('AlreadyExists', `the vault has ${key} already`, details);
  if (status === 403 || status === 401)
    return new HoldfastError('AccessDenied', `S3 refuses ${key}: ${text}`, {
      ...details,
      advice: 'Check the credentials, the bucket policy and the rights to its KMS key.',
    });
  return new HoldfastError('StorageFailed', `S3 failed on ${key}: ${text}`, {
    ...details,
    transient: status >= 500 || status === 429 || error.$retryable !== undefined,
  });
}
