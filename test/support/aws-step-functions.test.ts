import { expect } from 'chai';
import { describeWithAws, eventually } from './aws/suite.ts';

const Bucket = 'maps';

/** Fails for ever on item 3 until there is an object `fixed`, and on the first two attempts at item 5. */
const code = `
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
const s3 = new S3Client({ forcePathStyle: true });
const succeeds = (command) => s3.send(command).then(() => true, () => false);
const Bucket = '${Bucket}';
const exists = (Key) => succeeds(new HeadObjectCommand({ Bucket, Key }));
const first = (Key) => succeeds(new PutObjectCommand({ Bucket, Key, Body: '', IfNoneMatch: '*' }));
const failed = (name) => Object.assign(new Error(name), { name });
export const handler = async ({ n, run, Items, BatchInput }) => {
  if (Items) return { size: Items.length, BatchInput };
  if (n === 3 && !(await exists('fixed'))) throw failed('BadItem');
  if (n === 5 && ((await first('attempt-1')) || (await first('attempt-2')))) throw failed('Flaky');
  return { n, run };
};`;

interface Execution {
  status: string;
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
}

interface Manifest {
  ResultFiles: Record<'FAILED' | 'PENDING' | 'SUCCEEDED', { Key: string; Size: number }[]>;
}

const options = { env: { LOCAL_AWS_CONCURRENCY: '2' } };

describeWithAws(
  'the Step Functions of the local AWS stand-in',
  (aws) => {
    let worker = '';
    let role = '';
    let ends = '';

    before(async () => {
      worker = await aws.deploy('worker', code);
      role = await aws.role('machine');
      await aws.call('s3', `PUT /${Bucket}`);
      const items = Array.from({ length: 8 }, (_, n) => ({ n }));
      await put('items.json', JSON.stringify(items));
      await put('items.jsonl', items.map((item) => JSON.stringify(item)).join('\n'));
      ends = (await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'ends' })).QueueUrl;
      const EventPattern = JSON.stringify({
        source: ['aws.states'],
        detail: { status: [{ 'anything-but': 'RUNNING' }] },
      });
      await aws.call('events', 'PutRule', { Name: 'ends', EventPattern });
      const Targets = [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:123456789012:ends', InputPath: '$.detail' }];
      await aws.call('events', 'PutTargets', { Rule: 'ends', Targets });
    });

    const s3 = (path: string, init?: RequestInit): Promise<Response> =>
      fetch(`${aws.server().endpoint}/${Bucket}/${path}`, {
        ...init,
        headers: {
          Authorization: 'AWS4-HMAC-SHA256 Credential=AKIALOCALTESTS000001/20260101/us-east-1/s3/aws4_request',
        },
      });
    const put = (key: string, body: string): Promise<Response> => s3(key, { method: 'PUT', body });
    const read = async <T>(key: string, is: (value: unknown) => value is T): Promise<T> => {
      const value: unknown = await (await s3(key)).json();
      if (!is(value)) throw new Error(`unexpected content of ${key}`);
      return value;
    };
    const isManifest = (value: unknown): value is Manifest => typeof value === 'object';
    const isList = (value: unknown): value is Record<string, unknown>[] => Array.isArray(value);

    const call = (FunctionName: string): object => ({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName, 'Payload.$': '$' },
      OutputPath: '$.Payload',
      Retry: [
        { ErrorEquals: ['Flaky'], IntervalSeconds: 20, MaxAttempts: 3, MaxDelaySeconds: 60, JitterStrategy: 'FULL' },
      ],
      End: true,
    });

    /** A state machine around a Distributed Map. */
    const machine = async (name: string, map: object, key = 'items.json'): Promise<string> => {
      const definition = {
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            Label: 'Each',
            MaxConcurrency: 4,
            ItemReader: {
              Resource: 'arn:aws:states:::s3:getObject',
              ReaderConfig: { InputType: key.endsWith('l') ? 'JSONL' : 'JSON' },
              Parameters: { Bucket, Key: key },
            },
            ItemSelector: { 'n.$': '$$.Map.Item.Value.n', 'run.$': '$.run' },
            ItemProcessor: {
              ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
              StartAt: 'Do',
              States: { Do: call(worker) },
            },
            ResultPath: '$.map',
            Next: 'Report',
            ...map,
          },
          Report: { Type: 'Pass', End: true },
        },
      };
      const input = { name, roleArn: role, definition: JSON.stringify(definition) };
      const created = await aws.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', input);
      return created.stateMachineArn;
    };

    const start = async (stateMachineArn: string, input: object = { run: 'r' }): Promise<string> => {
      const given = { stateMachineArn, input: JSON.stringify(input) };
      return (await aws.call<{ executionArn: string }>('states', 'StartExecution', given)).executionArn;
    };

    const finished = (executionArn: string): Promise<Execution> =>
      eventually(async () => {
        const execution = await aws.call<Execution>('states', 'DescribeExecution', { executionArn });
        return execution.status === 'RUNNING' ? undefined : execution;
      });

    const history = async (executionArn: string): Promise<string[]> => {
      const input = { executionArn };
      const { events } = await aws.call<{ events: { type: string }[] }>('states', 'GetExecutionHistory', input);
      return events.map((event) => event.type);
    };

    const mapRun = async (executionArn: string): Promise<{ mapRunArn: string; itemCounts: Record<string, number> }> => {
      const runs = await aws.call<{ mapRuns: { mapRunArn: string }[] }>('states', 'ListMapRuns', {
        executionArn,
      });
      return aws.call('states', 'DescribeMapRun', { mapRunArn: runs.mapRuns[0]!.mapRunArn });
    };

    const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket, Prefix: 'results' } };

    it('runs a Distributed Map, tolerates failures as told, and writes the results', async () => {
      const arn = await machine('tolerant', { ToleratedFailurePercentage: 20, ResultWriter });
      const execution = await start(arn);
      const { status, output } = await finished(execution);
      expect(status).to.equal('SUCCEEDED');
      const { map } = JSON.parse(output!) as { map: { MapRunArn: string; ResultWriterDetails: { Key: string } } };
      const manifest = await read(map.ResultWriterDetails.Key, isManifest);
      expect(manifest).to.include({ DestinationBucket: Bucket, MapRunArn: map.MapRunArn });
      expect(manifest.ResultFiles.PENDING).to.deep.equal([]);
      const succeeded = await read(manifest.ResultFiles.SUCCEEDED[0]!.Key, isList);
      const outputs = succeeded.map((entry) => JSON.parse(String(entry['Output'])) as object);
      expect(outputs).to.have.deep.members([0, 1, 2, 4, 5, 6, 7].map((n) => ({ n, run: 'r' })));
      const [failed, ...others] = await read(manifest.ResultFiles.FAILED[0]!.Key, isList);
      expect(others).to.deep.equal([]);
      expect(failed).to.include({ Status: 'FAILED', Error: 'BadItem', Input: '{"n":3,"run":"r"}' });

      const run = await mapRun(execution);
      expect(run.itemCounts).to.include({ total: 8, succeeded: 7, failed: 1, pending: 0, running: 0 });
      const children = await aws.call<{ executions: { executionArn: string; name: string }[] }>(
        'states',
        'ListExecutions',
        { mapRunArn: run.mapRunArn },
      );
      expect(children.executions).to.have.length(8);
      const flaky = succeeded.find((entry) => entry['Input'] === '{"n":5,"run":"r"}');
      expect((await history(String(flaky!['ExecutionArn']))).filter((type) => type === 'TaskFailed')).to.have.length(2);
      expect(await history(execution)).to.include.members(['MapRunStarted', 'MapRunSucceeded', 'MapStateExited']);
    });

    it('fails when more items fail than tolerated, tells so, and goes on from there when redriven', async () => {
      const arn = await machine('strict', { ToleratedFailurePercentage: 10, ResultWriter }, 'items.jsonl');
      const execution = await start(arn);
      expect(await finished(execution)).to.include({
        status: 'FAILED',
        error: 'States.ExceedToleratedFailureThreshold',
      });
      await put('fixed', '');
      await aws.call('states', 'RedriveExecution', { executionArn: execution });
      expect(await finished(execution)).to.include({ status: 'SUCCEEDED', redriveCount: 1 });
      expect((await mapRun(execution)).itemCounts).to.include({ total: 8, succeeded: 8, failed: 0 });
      expect(await history(execution)).to.include.members(['ExecutionRedriven', 'MapRunRedriven']);

      const told = await eventually(async () => {
        const input = { QueueUrl: ends, MaxNumberOfMessages: 10 };
        const { Messages = [] } = await aws.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', input);
        seen.push(...Messages.map((message) => JSON.parse(message.Body) as { executionArn: string; status: string }));
        const ours = seen.filter((detail) => detail.executionArn === execution).map((detail) => detail.status);
        return ours.length === 2 ? ours : undefined;
      });
      expect(told).to.have.members(['FAILED', 'SUCCEEDED']);
    });
    const seen: { executionArn: string; status: string }[] = [];

    it('hands items on in batches', async () => {
      const ItemBatcher = { MaxItemsPerBatch: 3, BatchInput: { 'run.$': '$.run' } };
      const arn = await machine('batches', { ItemBatcher });
      const { output } = await finished(await start(arn));
      const { map } = JSON.parse(output!) as { map: object[] };
      const BatchInput = { run: 'r' };
      expect(map).to.deep.equal([3, 3, 2].map((size) => ({ size, BatchInput })));
    });

    it('catches what a map cannot read', async () => {
      const Catch = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Report' }];
      const { status, output } = await finished(await start(await machine('unreadable', { Catch }, 'missing.json')));
      expect(status).to.equal('SUCCEEDED');
      expect(JSON.parse(output!)).to.have.nested.property('error.Error', 'States.ItemReaderFailed');
    });

    it('waits for a task token, and stops at once', async () => {
      const { QueueUrl } = await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'tokens' });
      const definition = {
        StartAt: 'Ask',
        States: {
          Ask: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
            Parameters: { QueueUrl, 'MessageBody.$': '$$.Task.Token' },
            Next: 'Rest',
          },
          Rest: { Type: 'Wait', Seconds: 30, End: true },
        },
      };
      const input = { name: 'tokens', roleArn: role, definition: JSON.stringify(definition) };
      const created = await aws.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', input);
      const execution = await start(created.stateMachineArn);
      const taskToken = await eventually(async () => {
        const { Messages } = await aws.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', { QueueUrl });
        return Messages?.[0]?.Body;
      });
      await aws.call('states', 'SendTaskSuccess', { taskToken, output: '{"answer":42}' });
      expect(await finished(execution)).to.include({ status: 'SUCCEEDED', output: '{"answer":42}' });

      const other = await start(created.stateMachineArn);
      await aws.call('states', 'StopExecution', { executionArn: other });
      expect((await finished(other)).status).to.equal('ABORTED');
    });

    it('refuses a definition with a transition into nowhere', async () => {
      const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } });
      const { result, diagnostics } = await aws.call<{ result: string; diagnostics: { message: string }[] }>(
        'states',
        'ValidateStateMachineDefinition',
        { definition },
      );
      expect(result).to.equal('FAIL');
      expect(diagnostics[0]!.message).to.include("unknown state 'B'");
    });

    it('does all this in the role of the state machine', async () => {
      const calls = (await aws.server().calls()).filter((made) => made.caller.role === role);
      const actions = new Set(calls.flatMap((made) => made.permissions.map((permission) => permission.action)));
      expect([...actions]).to.include.members([
        'lambda:InvokeFunction',
        's3:GetObject',
        's3:PutObject',
        'sqs:SendMessage',
        'states:StartExecution',
        'states:RedriveExecution',
      ]);
      const invoked = calls.find((made) => made.operation === 'Invoke');
      expect(invoked!.resource).to.equal(worker);
    });
  },
  options,
);
