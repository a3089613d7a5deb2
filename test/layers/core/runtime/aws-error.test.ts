import { expect } from 'chai';
import { awsError, commonAwsError } from '#core/runtime/aws-error.ts';
import { setEnvironment } from '../../../support/vault-s3.ts';

function named(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name }, more);
}

describe('errors of AWS', () => {
  const answers: [error: Error, code: string, words: RegExp, advice: RegExp][] = [
    [named('ExpiredToken', 'expired'), 'AccessDenied', /session has ended/, /aws sso login/],
    [named('ExpiredTokenException', 'expired'), 'AccessDenied', /session has ended/, /aws sso login/],
    [named('RequestExpired', 'expired'), 'AccessDenied', /session has ended/, /aws sso login/],
    [named('InvalidAccessKeyId', 'unknown'), 'AccessDenied', /does not know/, /get-caller-identity/],
    [named('InvalidClientTokenId', 'unknown'), 'AccessDenied', /does not know/, /get-caller-identity/],
    [named('UnrecognizedClientException', 'unknown'), 'AccessDenied', /does not know/, /get-caller-identity/],
    [named('SignatureDoesNotMatch', 'differs'), 'AccessDenied', /signature does not match/, /both keys/],
    [named('RequestTimeTooSkewed', 'too large'), 'AccessDenied', /clock is wrong/, /NTP/],
    [
      named('InvalidSignatureException', 'Signature expired: 20260101T000000Z is now earlier than …'),
      'AccessDenied',
      /clock is wrong/,
      /NTP/,
    ],
    [
      named('SignatureDoesNotMatch', 'Signature not yet current: 20260101T000000Z'),
      'AccessDenied',
      /clock is wrong/,
      /NTP/,
    ],
    [
      named('AccessDeniedException', 'not authorized to perform x'),
      'AccessDenied',
      /authorized/,
      /allow them to the credentials/,
    ],
    [named('UnauthorizedOperation', 'no'), 'AccessDenied', /no/, /allow them to the credentials/],
    [named('Error', 'Region is missing'), 'ConfigurationInvalid', /no AWS region/, /AWS_REGION/],
    [
      named('PermanentRedirect', 'must be addressed …', {
        $response: { statusCode: 301, headers: { 'x-amz-bucket-region': 'eu-west-3' } },
      }),
      'ConfigurationInvalid',
      /is in eu-west-3/,
      /AWS_REGION=eu-west-3/,
    ],
    [
      named('CredentialsProviderError', 'Could not load credentials from any providers'),
      'AccessDenied',
      /no AWS credentials were found/,
      /AWS_PROFILE/,
    ],
    [
      named(
        'CredentialsProviderError',
        'Could not resolve credentials using profile: [wrok] in configuration/credentials file(s).',
      ),
      'ConfigurationInvalid',
      /profile "wrok"/,
      /list-profiles/,
    ],
    [
      named(
        'CredentialsProviderError',
        'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.',
      ),
      'AccessDenied',
      /AWS sign-in is missing or has expired/,
      /aws sso login --profile work/,
    ],
    [
      named('Error', 'getaddrinfo ENOTFOUND sqs.x', { code: 'ENOTFOUND' }),
      'ConfigurationInvalid',
      /ENOTFOUND/,
      /region/,
    ],
  ];

  let restore = (): void => undefined;
  before(() => (restore = setEnvironment({ AWS_PROFILE: 'work' })));
  after(() => restore());

  for (const [error, code, words, advice] of answers)
    it(`explain ${error.name}: ${error.message}`, () => {
      const explained = commonAwsError(error, `cannot look: ${error.message}`);
      expect(explained?.code).to.equal(code);
      expect(explained?.message).to.match(words);
      expect(explained?.advice).to.match(advice);
      expect(explained?.transient).to.equal(false);
      expect(explained?.cause).to.equal(error);
    });

  it('are left to the service where it alone can explain them, and may pass', () => {
    const error = named('InternalFailure', 'oops');
    expect(commonAwsError(error, 'x')).to.equal(undefined);
    expect(awsError(error, 'the table')).to.include({
      code: 'Unavailable',
      message: 'the table: oops',
      transient: true,
    });
  });
});
