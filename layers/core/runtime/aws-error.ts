import { HoldfastError, messageOf, systemCode } from './errors.ts';

/** Where a question went, for the words of an answer. */
export interface AwsPlace {
  /** What people call the service: `CodeArtifact`. */
  service: string;
  region: string;
}

const signIn = 'Set AWS_PROFILE, or sign in by: aws sso login';

/** Refusals that every service words alike, by what is wrong: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const refusals: readonly { names: RegExp; what: string; advice: string }[] = [
  {
    names: /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/,
    what: 'the AWS session has ended',
    advice:
      'Sign in again (aws sso login), or take new values of AWS_ACCESS_KEY_ID, …_SECRET_ACCESS_KEY and …_SESSION_TOKEN.',
  },
  {
    names: /^(InvalidAccessKeyId|UnrecognizedClientException|InvalidClientTokenId|InvalidToken|InvalidSecurity)$/,
    what: 'AWS does not know these credentials',
    advice:
      'Check which ones are used (aws sts get-caller-identity), and that the region or endpoint is that of their account.',
  },
  {
    names: /^(RequestTimeTooSkewed|RequestInTheFuture)$/,
    what: "this machine's clock is wrong",
    advice: 'Set it, preferably by NTP: AWS refuses what was signed more than 15 minutes ago or ahead.',
  },
  {
    names: /^(SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature(Exception)?)$/,
    what: 'the signature does not match',
    advice: 'The secret key does not belong to the access key, or a proxy changes requests: set both keys again.',
  },
  {
    names: /^(OptInRequired|SubscriptionRequiredException)$/,
    what: 'the account does not use this service or region',
    advice: 'Enable it in the AWS console, or choose another region.',
  },
];

/**
 * What AWS says alike whatever was asked of it: that the credentials, the region or the network do not do. Undefined for
 * all that only the service itself can explain.
 * @param said the message, what was asked included
 */
export function commonAwsError(error: unknown, said: string, place?: AwsPlace): HoldfastError | undefined {
  if (error instanceof HoldfastError) return error;
  const details = { cause: error };
  const name = error instanceof Error ? error.name : '';
  const message = messageOf(error);
  // Signature Version 4 answers a wrong clock by the name of a wrong signature.
  const clock = /Signature (expired|not yet current)/i.test(message) ? 'RequestTimeTooSkewed' : name;
  const refusal = refusals.find(({ names }) => names.test(clock));
  if (refusal)
    return new HoldfastError('AccessDenied', `${said}: ${refusal.what}`, { ...details, advice: refusal.advice });
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return withoutCredentials(message, error);
  if (message === 'Region is missing')
    return new HoldfastError('ConfigurationInvalid', `${said}: no AWS region is set`, {
      ...details,
      advice: profileNamed()
        ? `Set AWS_REGION, or a region in the profile ${profileNamed()} (is its name right?).`
        : 'Set AWS_REGION, or AWS_PROFILE to a profile that names a region.',
    });
  const elsewhere = bucketRegion(error);
  if (elsewhere !== undefined)
    return new HoldfastError('ConfigurationInvalid', `${said}: the bucket is in ${elsewhere}`, {
      ...details,
      advice: `Set AWS_REGION=${elsewhere}.`,
    });
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized|^Forbidden$/.test(name))
    return new HoldfastError('AccessDenied', said, {
      ...details,
      advice: 'The message names the action and the resource: allow them to the credentials.',
    });
  if (/ENOTFOUND|EAI_AGAIN/.test(`${systemCode(error) ?? ''} ${message}`))
    return new HoldfastError(
      'ConfigurationInvalid',
      place ? `${said}: there is no ${place.service} in ${place.region}` : said,
      { ...details, advice: 'Check the name of the region, the network and the proxy variables.' },
    );
  return undefined;
}

/**
 * The error for a call of an AWS service without error codes that need their own handling.
 * @param said what failed, without the reason
 */
export function awsError(error: unknown, said: string): HoldfastError {
  const sentence = `${said}: ${messageOf(error)}`;
  return (
    commonAwsError(error, sentence) ?? new HoldfastError('Unavailable', sentence, { cause: error, transient: true })
  );
}

/**
 * In which region a bucket lies, where S3 answers that it is not the one that was asked; undefined for other errors.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 */
export function bucketRegion(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('$response' in error)) return undefined;
  const { $response: response } = error;
  if (typeof response !== 'object' || response === null || !('headers' in response) || !('statusCode' in response))
    return undefined;
  const { headers, statusCode } = response;
  if (![301, 307, 400].includes(Number(statusCode)) || typeof headers !== 'object' || headers === null)
    return undefined;
  const region: unknown = Reflect.get(headers, 'x-amz-bucket-region');
  return typeof region === 'string' && /^[a-z0-9-]+$/.test(region) ? region : undefined;
}

/** Why the SDK found no credentials: its message alone says which of several reasons it was. */
function withoutCredentials(message: string, cause: unknown): HoldfastError {
  const details = { cause };
  const profile = /using profile: \[([^\]]*)\]/.exec(message)?.[1];
  if (profile !== undefined)
    return new HoldfastError(
      'ConfigurationInvalid',
      `the AWS profile ${JSON.stringify(profile)} does not exist or holds no credentials`,
      { ...details, advice: 'aws configure list-profiles shows which there are; set AWS_PROFILE to one of them.' },
    );
  if (/sso|token is expired|session.*(expired|invalid)|UnauthorizedException/i.test(message))
    return new HoldfastError('AccessDenied', `the AWS sign-in is missing or has expired: ${message}`, {
      ...details,
      advice: `Sign in by: aws sso login${profileNamed() ? ` --profile ${profileNamed()}` : ''}`,
    });
  if (/Could not load credentials from any providers/.test(message))
    return new HoldfastError('AccessDenied', 'no AWS credentials were found', { ...details, advice: signIn });
  return new HoldfastError('AccessDenied', `no valid AWS credentials: ${message}`, { ...details, advice: signIn });
}

function profileNamed(): string {
  return process.env['AWS_PROFILE'] ?? '';
}
