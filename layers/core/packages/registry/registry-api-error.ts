import {
  CodeartifactServiceException,
  ConflictException,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-codeartifact';
import { commonAwsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';

/**
 * What CodeArtifact's API refuses, when something is put there.
 * https://docs.aws.amazon.com/codeartifact/latest/APIReference/CommonErrors.html
 */
export function registryApiError(error: unknown, what: string, region: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const said = `cannot ${what}: ${messageOf(error)}`;
  const details = { cause: error };
  if (error instanceof ResourceNotFoundException) return new HoldfastError('NotFound', said, details);
  if (error instanceof ConflictException) return new HoldfastError('AlreadyExists', said, details);
  if (error instanceof ThrottlingException)
    return new HoldfastError('RateLimited', said, {
      ...details,
      transient: true,
      retryAfterMs: (error.retryAfterSeconds ?? 0) * 1000,
    });
  const common = commonAwsError(error, said, { service: 'CodeArtifact', region });
  if (common) return common;
  const transient = !(error instanceof CodeartifactServiceException) || error.$fault === 'server';
  return new HoldfastError(transient ? 'Unavailable' : 'RemoteRefused', said, { ...details, transient });
}
