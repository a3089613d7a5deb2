import {
  CodeartifactServiceException,
  ConflictException,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-codeartifact';
import { commonAwsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf, type ErrorCode } from '#core/runtime/errors.ts';

/** What CodeArtifact's refusals mean to the caller. */
export interface Meaning {
  missing: ErrorCode;
  conflict: { code: ErrorCode; transient: boolean };
  refused: ErrorCode;
}

/** To a backup. A version that moved on between two requests is asked for again, and stored as it is by then. */
export const reading: Meaning = {
  missing: 'SourceMissing',
  conflict: { code: 'RefMoved', transient: true },
  refused: 'Unavailable',
};

/** To a restore. */
export const writing: Meaning = {
  missing: 'NotFound',
  conflict: { code: 'AlreadyExists', transient: false },
  refused: 'RemoteRefused',
};

/** https://docs.aws.amazon.com/codeartifact/latest/APIReference/CommonErrors.html */
export function errorOf(error: unknown, what: string, region: string, meaning: Meaning): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const said = `cannot ${what}: ${messageOf(error)}`;
  const details = { cause: error };
  if (error instanceof ResourceNotFoundException) return new HoldfastError(meaning.missing, said, details);
  if (error instanceof ConflictException) {
    const { code, transient } = meaning.conflict;
    return new HoldfastError(code, said, { ...details, transient });
  }
  if (error instanceof ThrottlingException)
    return new HoldfastError('RateLimited', said, {
      ...details,
      transient: true,
      retryAfterMs: (error.retryAfterSeconds ?? 0) * 1000,
    });
  const common = commonAwsError(error, said, { service: 'CodeArtifact', region });
  if (common) return common;
  const transient = !(error instanceof CodeartifactServiceException) || error.$fault === 'server';
  return new HoldfastError(transient ? 'Unavailable' : meaning.refused, said, { ...details, transient });
}
