import { expect } from 'chai';
import { describeWithAws, eventually, zip } from './aws/suite.ts';

/** Does what its event asks for. */
const code = `
import { hello } from '/opt/core/hello.mjs';
import library from 'a-library';
import { S3Client } from '@aws-sdk/client-s3';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';

let count = 0;
let ticks = 0;
export const handler = async (event, context) => {
  count += 1;
  console.log('asked\\nfor', event.do);
  switch (event.do) {
    case 'throw': throw Object.assign(new Error('no'), { name: 'Refusal' });
    case 'exit': process.exit(3);
    case 'sleep': return new Promise((resolve) => setTimeout(resolve, 60_000));
    case 'eat': for (const eaten = []; ; ) eaten.push(new Array(1e6).fill(Math.random()));
    case 'forget': setInterval(() => { ticks += 1; }, 10); return 'forgotten';
    case 'ticks': return ticks;
    case 'git': try { return String(execFileSync('git', ['--version'])); } catch (error) { return error.code; }
  }
  return {
    count, hello: hello(), library, sdk: typeof S3Client, pid: process.pid, tmp: tmpdir(),
    arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis(),
    name: process.env.AWS_LAMBDA_FUNCTION_NAME, trace: process.env._X_AMZN_TRACE_ID, extra: process.env.EXTRA,
  };
};`;

const layer = {
  'core/hello.mjs': `import { word } from './word.mjs'; export const hello = () => word;`,
  'core/word.mjs': `import { first } from 'file:///opt/core/first.mjs'; export const word = first + 'ello';`,
  'core/first.mjs': `export const first = 'h';`,
  'core/old.cjs': `module.exports = 'required';`,
  'nodejs/node_modules/a-library/index.js': `module.exports = 'from NODE_PATH';`,
};

interface Answer {
  count: number;
  pid: number;
  tmp: string;
  trace: string;
  left: number;
}

describeWithAws(
  'the Lambda of the local AWS stand-in',
  (aws) => {
    let alias = '';
    let deadLetters = '';

    before(async () => {
      const Content = { ZipFile: (await zip(layer)).toString('base64') };
      const published = { LayerName: 'core', Content };
      const { LayerVersionArn } = await aws.call<{ LayerVersionArn: string }>(
        'lambda',
        'POST /2018-10-31/layers/core/versions',
        published,
      );
      const queue = await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'dead-letters' });
      deadLetters = queue.QueueUrl;
      alias = await aws.deploy('worker', code, {
        Layers: [LayerVersionArn],
        Timeout: 2,
        MemorySize: 128,
        TracingConfig: { Mode: 'Active' },
        DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead-letters' },
      });
    });

    it('runs the function with its layer, found by absolute path and by NODE_PATH', async () => {
      const { payload, version } = await aws.invoke(alias, {});
      expect(payload).to.include({
        hello: 'hello',
        library: 'from NODE_PATH',
        sdk: 'function',
        arn: alias,
        name: 'worker',
        extra: 'handed on',
      });
      expect((payload as Answer).left).to.be.within(1000, 2000);
      expect((payload as Answer).trace).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/);
      expect(version).to.equal('1');
    });

    it('keeps a sandbox warm, one for each version', async () => {
      const first = (await aws.invoke(alias, {})).payload as Answer;
      const second = (await aws.invoke(alias, {})).payload as Answer;
      expect(second).to.include({ pid: first.pid, tmp: first.tmp, count: first.count + 1 });
      const latest = (await aws.invoke('worker', {})).payload as Answer;
      expect(latest.pid).to.not.equal(first.pid);
    });

    it('requires CommonJS from a layer', async () => {
      const ZipFile = (
        await zip({
          'index.js': `exports.handler = (event, context, done) => done(null, require('/opt/core/old.cjs'));`,
        })
      ).toString('base64');
      const Layers = ['arn:aws:lambda:us-east-1:123456789012:layer:core:1'];
      const Role = await aws.role('old-role');
      const input = { FunctionName: 'old', Runtime: 'nodejs20.x', Handler: 'index.handler', Role, Layers };
      await aws.call('lambda', 'POST /2015-03-31/functions', { ...input, Code: { ZipFile } });
      expect((await aws.invoke('old', {})).payload).to.equal('required');
    });

    it('has no git', async () => {
      expect((await aws.invoke(alias, { do: 'git' })).payload).to.equal('ENOENT');
    });

    it('freezes what a handler did not await', async () => {
      expect((await aws.invoke(alias, { do: 'forget' })).payload).to.equal('forgotten');
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect((await aws.invoke(alias, { do: 'ticks' })).payload).to.be.lessThan(20);
    });

    for (const [wish, errorType, message] of [
      ['throw', 'Refusal', /^no$/],
      ['exit', 'Runtime.ExitError', /exit status 3/],
      ['sleep', 'Sandbox.Timedout', /timed out after 2.00 seconds/],
      ['eat', 'Runtime.ExitError', /SIGABRT/],
    ] as const) {
      it(`reports the error of a function that is to ${wish}`, async () => {
        const { error, payload } = await aws.invoke(alias, { do: wish });
        expect(error).to.equal('Unhandled');
        expect(payload).to.include({ errorType });
        expect((payload as { errorMessage: string }).errorMessage).to.match(message);
      });
    }

    it('writes what the function logs, a log entry for each call', async () => {
      const { log: tail } = await aws.invoke(alias, { do: 'log' });
      expect(tail).to.match(/^START RequestId: \S+ Version: 1\n/);
      expect(tail).to.match(/INFO\tasked\nfor log\n/);
      expect(tail).to.match(/REPORT .*Max Memory Used: \d+ MB/);
      const logged = await aws.call<{ events: { message: string }[] }>('logs', 'FilterLogEvents', {
        logGroupName: '/aws/lambda/worker',
      });
      expect(logged.events.map((e) => e.message.split('\t').at(-1))).to.include('asked\nfor log');
    });

    it('retries an asynchronous invocation, and then hands the event to the dead-letter queue', async () => {
      await aws.invoke(alias, { do: 'throw', async: true }, { 'x-amz-invocation-type': 'Event' });
      const message = await eventually(async () => {
        const received = await aws.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', {
          QueueUrl: deadLetters,
          MessageAttributeNames: ['All'],
        });
        return received.Messages?.[0];
      });
      expect(JSON.parse(message.Body)).to.deep.equal({ do: 'throw', async: true });
      expect(message).to.have.nested.property('MessageAttributes.ErrorMessage.StringValue', 'no');
    });

    it('calls AWS in its own role', async () => {
      await aws.server().forgetCalls();
      const caller = await aws.deploy(
        'caller',
        `import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
         export const handler = () => new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: 's' }));`,
      );
      await aws.call('secretsmanager', 'CreateSecret', { Name: 's', SecretString: 'quiet' });
      expect((await aws.invoke(caller, {})).payload).to.include({ SecretString: 'quiet' });
      const calls = (await aws.server().calls()).filter((call) => call.caller.via === 'lambda:caller');
      const [read] = calls.filter((call) => call.service === 'secretsmanager');
      expect(read!.caller.role).to.equal('arn:aws:iam::123456789012:role/caller-role');
      expect(read!.permissions[0]!.action).to.equal('secretsmanager:GetSecretValue');
      expect(read!.resource).to.match(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:s-/);
      expect(calls.map((call) => call.operation)).to.include.members(['CreateLogStream', 'PutLogEvents']);
    });

    it('takes its processes along when the stand-in ends', async () => {
      const { pid } = (await aws.invoke(alias, {})).payload as Answer;
      process.kill(pid, 0);
      await aws.server().close();
      expect(() => process.kill(pid, 0)).to.throw('ESRCH');
    });
  },
  { env: { LOCAL_AWS_EXTRA_EXTRA: 'handed on' } },
);
