import { CodeCommitServiceException } from '@aws-sdk/client-codecommit';
import { commonAwsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';

/**
 * What an error of the API means.
 * https://docs.aws.amazon.com/codecommit/latest/APIReference/CommonErrors.html
 */
export function apiError(error: unknown, what: string, region: string): HoldfastError {
  const name = error instanceof Error ? error.name : '';
  const said = `cannot ${what}: ${messageOf(error)}`;
  const details = { cause: error };
  if (name === 'RepositoryNameExistsException') return new HoldfastError('TargetNotEmpty', said, details);
  if (name === 'RepositoryDoesNotExistException') return new HoldfastError('SourceMissing', said, details);
  if (isKeyProblem(error))
    return new HoldfastError('AccessDenied', said, {
      ...details,
      advice: keyAdvice('The KMS key of the repository'),
    });
  const common = commonAwsError(error, said, { service: 'CodeCommit', region });
  if (common) return common;
  const transient = !(error instanceof CodeCommitServiceException) || error.$fault === 'server' || /Thrott/.test(name);
  return new HoldfastError('Unavailable', said, { ...details, transient });
}

/** Whether CodeCommit cannot use the KMS key of a repository: it is disabled, gone, or not granted. */
export function isKeyProblem(error: unknown): boolean {
  return error instanceof Error && /^EncryptionKey/.test(error.name);
}

/** @param key what the key is called */
export function keyAdvice(key: string): string {
  return `${key} is disabled, gone, or not allowed to these credentials: enable it or cancel its deletion, and let them use it.`;
}
