import {
  CodeartifactServiceException,
  ConflictException,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-codeartifact';
import { commonAwsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';

/** https://docs.aws.amazon.com/codeartifact/latest/APIReference/CommonErrors.html */
export function apiError(error: unknown, what: string, region: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const said = `cannot ${what}: ${messageOf(error)}`;
  const details = { cause: error };
  if (error instanceof ResourceNotFoundException) return new HoldfastError('SourceMissing', said, details);
  // The version changed between two requests; a second query gets its new state.
  if (error instanceof ConflictException) return new HoldfastError('RefMoved', said, { ...details, transient: true });
  if (error instanceof ThrottlingException)
    return new HoldfastError('RateLimited', said, {
      ...details,
      transient: true,
      retryAfterMs: (error.retryAfterSeconds ?? 0) * 1000,
    });
  const common = commonAwsError(error, said, { service: 'CodeArtifact', region });
  if (common) return common;
  const transient = !(error instanceof CodeartifactServiceException) || error.$fault === 'server';
  return new HoldfastError('Unavailable', said, { ...details, transient });
}
