/** What the tests of the stand-in share: a suite with a running server, functions in it, zips. */
import yazl from 'yazl';
import { setTimeout as pause } from 'node:timers/promises';
import { localAwsAvailable, startLocalAws, type LocalAws, type LocalAwsOptions } from '../local-aws.ts';
import { requestAws } from './api.ts';

interface Aws {
  server(): LocalAws;
  call: LocalAws['call'];
  /** An IAM role; its ARN. */
  role(name: string): Promise<string>;
  /** A published function of one file, behind the alias `live`; the alias's ARN. */
  deploy(name: string, code: string, configuration?: object): Promise<string>;
  invoke(functionName: string, event: unknown, headers?: Record<string, string>): Promise<Invocation>;
}

interface Invocation {
  error: string | null;
  version: string | null;
  log: string;
  payload: unknown;
}

/** `options` may be made when the server is about to start. */
export function describeWithAws(
  title: string,
  body: (aws: Aws) => void,
  options: LocalAwsOptions | (() => Promise<LocalAwsOptions>) = {},
): void {
  const available = localAwsAvailable();
  describe(available === true ? title : `${title} (left out: ${available})`, () => {
    let server: LocalAws | undefined;

    before(async function () {
      if (available !== true) this.skip();
      server = await startLocalAws(typeof options === 'function' ? await options() : options);
    });

    after(async () => {
      await server?.close();
    });

    afterEach(function () {
      if (this.currentTest?.state === 'failed') process.stderr.write(server?.log() ?? '');
    });

    body(commandsFor(() => server!));
  });
}

function commandsFor(server: () => LocalAws): Aws {
  const aws: Aws = {
    server,
    call: (service, operation, input) => server().call(service, operation, input),

    async role(name) {
      await aws.call('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: '{}' });
      return `arn:aws:iam::123456789012:role/${name}`;
    },

    async deploy(name, code, configuration = {}) {
      await aws.call('lambda', 'POST /2015-03-31/functions', {
        FunctionName: name,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: await aws.role(`${name}-role`),
        Code: { ZipFile: (await zip({ 'index.mjs': code })).toString('base64') },
        Timeout: 10,
        MemorySize: 256,
        Publish: true,
        ...configuration,
      });
      const alias = { Name: 'live', FunctionVersion: '1' };
      const path = `POST /2015-03-31/functions/${name}/aliases`;
      return (await aws.call<{ AliasArn: string }>('lambda', path, alias)).AliasArn;
    },

    async invoke(functionName, event, headers = {}) {
      const path = `POST /2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
      const answer = await requestAws(server().endpoint, 'lambda', path, event as Record<string, unknown>, {
        'x-amz-log-type': 'Tail',
        ...headers,
      });
      return {
        error: answer.headers.get('x-amz-function-error'),
        version: answer.headers.get('x-amz-executed-version'),
        log: Buffer.from(answer.headers.get('x-amz-log-result') ?? '', 'base64').toString(),
        payload: answer.text ? (JSON.parse(answer.text) as unknown) : undefined,
      };
    },
  };
  return aws;
}

export async function zip(files: Record<string, string>): Promise<Buffer> {
  const archive = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) archive.addBuffer(Buffer.from(content), name);
  archive.end();
  const chunks: Buffer[] = [];
  for await (const chunk of archive.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Asks again until there is an answer. */
export async function eventually<T>(ask: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`no answer within ${seconds} s`);
    await pause(50);
  }
}
