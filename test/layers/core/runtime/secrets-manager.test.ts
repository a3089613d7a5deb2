import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { HoldfastError } from '#core/runtime/errors.ts';
import { secretsManager, type SecretReader } from '#core/runtime/secrets-manager.ts';
import { answerWith, listen, type Listening } from '../../../support/http-listener.ts';

interface Reply {
  status?: number;
  body: object | string;
}

async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

describe('secrets of AWS Secrets Manager', () => {
  let server: Listening;
  let read: SecretReader;
  let reply: Reply;
  let asked: { target: string | undefined; body: unknown }[];

  before(async () => {
    server = await listen(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const target = request.headers['x-amz-target'];
      asked.push({
        target: typeof target === 'string' ? target : undefined,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      answerWith(response, {
        status: reply.status ?? 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body),
      });
    });
    read = secretsManager({
      endpoint: server.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
  });

  beforeEach(() => {
    asked = [];
  });

  after(() => server.close());

  const refuse = (kind: string, message: string, status = 400) => {
    reply = { status, body: { __type: kind, message } };
    return failureOf(read('prod/github-backup'));
  };

  it('are read by name, in their current version', async () => {
    reply = { body: { Name: 'prod/github-backup', SecretString: '{"a": 1}\n' } };
    expect(await read('prod/github-backup')).to.equal('{"a": 1}\n');
    expect(asked).to.deep.equal([
      { target: 'secretsmanager.GetSecretValue', body: { SecretId: 'prod/github-backup' } },
    ]);
  });

  it('are read again each time', async () => {
    reply = { body: { SecretString: 'old' } };
    expect(await read('name')).to.equal('old');
    reply = { body: { SecretString: 'new' } };
    expect(await read('name')).to.equal('new');
    expect(asked).to.have.length(2);
  });

  it('must be text', async () => {
    reply = { body: { SecretBinary: Buffer.from('hunter22').toString('base64') } };
    const error = await failureOf(read('prod/github-backup'));
    expect(error.code).to.equal('ConfigurationInvalid');
    expect(error.message).to.equal('the secret prod/github-backup is binary, but must be text');
    reply = { body: {} };
    expect((await failureOf(read('x'))).message).to.equal('the secret x is empty, but must be text');
  });

  const refusals: [kind: string, code: string, words: RegExp][] = [
    ['ResourceNotFoundException', 'ConfigurationInvalid', /there is no secret prod\/github-backup/],
    ['InvalidRequestException', 'ConfigurationInvalid', /cannot be read: because/],
    ['InvalidParameterException', 'ConfigurationInvalid', /cannot be read: because/],
    ['ValidationException', 'ConfigurationInvalid', /cannot be read: because/],
    ['AccessDeniedException', 'AccessDenied', /not allowed to read the secret/],
    ['DecryptionFailure', 'AccessDenied', /cannot be decrypted/],
    ['ExpiredTokenException', 'AccessDenied', /session has ended/],
    ['UnrecognizedClientException', 'AccessDenied', /does not know these credentials/],
    ['ThrottlingException', 'RateLimited', /limits requests/],
    ['InternalServiceError', 'Unavailable', /InternalServiceError/],
  ];
  for (const [kind, code, words] of refusals) {
    it(`fail as ${code} for ${kind}`, async () => {
      const error = await refuse(kind, 'because');
      expect(error.code).to.equal(code);
      expect(error.message).to.match(words).and.include('prod/github-backup');
      expect(error.transient).to.equal(code === 'RateLimited' || code === 'Unavailable');
      if (code === 'AccessDenied') expect(error.advice).to.be.a('string');
    });
  }

  it('fail where the network does, and where the answer is none of AWS', async () => {
    const nowhere = secretsManager({
      endpoint: 'http://127.0.0.1:1',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    const error = await failureOf(nowhere('name'));
    expect(error.code).to.equal('Unavailable');
    expect(error.message).to.include('ECONNREFUSED');
    reply = { status: 502, body: '<html>' };
    expect((await failureOf(read('name'))).code).to.equal('Unavailable');
  });

  it('are in no error, even where the answer cannot be understood', async () => {
    const answers = [
      (value: string) => value,
      (value: string) => `{"SecretString":"${value}"}}`,
      (value: string) => `{"SecretString":"${value}`,
      (value: string) => `{"SecretBinary":"${Buffer.from(value).toString('base64')}"}`,
    ];
    const broken = fc.tuple(
      fc.stringMatching(/^ghp_[0-9a-f]{16}$/),
      fc.constantFrom(200, 400, 500),
      fc.constantFrom(...answers),
    );
    await fc.assert(
      fc.asyncProperty(broken, async ([value, status, answer]) => {
        reply = { status, body: answer(value) };
        const error = await failureOf(read('name'));
        expect(inspect(error, { depth: Infinity, showHidden: true })).not.to.include(value);
      }),
      { numRuns: 40 },
    );
  });
});
