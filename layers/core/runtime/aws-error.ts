import { HoldfastError, messageOf } from './errors.ts';

/**
 * What AWS says alike whatever was asked of it: that the credentials do not do, or that the region has no such service.
 * Undefined for all that only the service itself can explain.
 * @param said the message, what was asked included
 * @param service what people call it, as in `CodeArtifact`
 */
export function commonAwsError(
  error: unknown,
  said: string,
  service: string,
  region: string,
): HoldfastError | undefined {
  const name = error instanceof Error ? error.name : '';
  if (/AccessDenied|Credentials|UnrecognizedClient|ExpiredToken|InvalidSignature/.test(name))
    return new HoldfastError('AccessDenied', said, {
      cause: error,
      advice: 'The message names the action and the resource that the credentials have to be allowed.',
    });
  if (/ENOTFOUND|EAI_AGAIN/.test(messageOf(error)))
    return new HoldfastError('ConfigurationInvalid', `${said}: there is no ${service} in ${region}`, {
      cause: error,
      advice: 'Check the name of the region, and the network.',
    });
  return undefined;
}
