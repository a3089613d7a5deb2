import {
  AccessDeniedException,
  CodeartifactServiceException,
  ConflictException,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-codeartifact';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';

/**
 * What CodeArtifact's API refuses, when something is put there.
 * https://docs.aws.amazon.com/codeartifact/latest/APIReference/CommonErrors.html
 */
export function registryApiError(error: unknown, what: string, region: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const name = error instanceof Error ? error.name : '';
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
  if (
    error instanceof AccessDeniedException ||
    /AccessDenied|Credentials|UnrecognizedClient|ExpiredToken|InvalidSignature/.test(name)
  )
    return new HoldfastError('AccessDenied', said, {
      ...details,
      advice: 'The message names the action and the resource that the credentials have to be allowed.',
    });
  if (/ENOTFOUND|EAI_AGAIN/.test(messageOf(error)))
    return new HoldfastError('ConfigurationInvalid', `${said}: there is no CodeArtifact in ${region}`, {
      ...details,
      advice: 'Check the name of the region, and the network.',
    });
  const transient = !(error instanceof CodeartifactServiceException) || error.$fault === 'server';
  return new HoldfastError(transient ? 'Unavailable' : 'RemoteRefused', said, { ...details, transient });
}
