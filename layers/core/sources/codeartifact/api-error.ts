import {
  CodeartifactServiceException,
  ConflictException,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-codeartifact';
import { commonAwsError } from '#core/runtime/aws-error.ts';
import { HoldfastError, messageOf, type ErrorCode } from '#core/runtime/errors.ts';

/** What CodeArtifact's refusals mean to who asks. */
interface Meaning {
  missing: ErrorCode;
  conflict: { code: ErrorCode; transient: boolean };
  refused: ErrorCode;
}

/** Of who reads. A version that moved on between two requests is asked for again, and told as it is by then. */
const reading: Meaning = {
  missing: 'SourceMissing',
  conflict: { code: 'RefMoved', transient: true },
  refused: 'Unavailable',
};

/** Of who puts something there. */
const writing: Meaning = {
  missing: 'NotFound',
  conflict: { code: 'AlreadyExists', transient: false },
  refused: 'RemoteRefused',
};

/** What the API says to who backs packages up. */
export function apiError(error: unknown, what: string, region: string): HoldfastError {
  return errorOf(error, what, region, reading);
}

/** What the API says to who restores packages. */
export function registryApiError(error: unknown, what: string, region: string): HoldfastError {
  return errorOf(error, what, region, writing);
}

/** https://docs.aws.amazon.com/codeartifact/latest/APIReference/CommonErrors.html */
function errorOf(error: unknown, what: string, region: string, meaning: Meaning): HoldfastError {
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
