import { expect } from 'chai';
import { describeWithAws, eventually } from './aws/suite.ts';

const prefix = (service: string): string => `arn:aws:${service}:us-east-1:123456789012:`;

describeWithAws('events on their way through the local AWS stand-in', (aws) => {
  const queue = async (QueueName: string, Attributes = {}): Promise<string> =>
    (await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName, Attributes })).QueueUrl;

  const messages = async (QueueUrl: string): Promise<string[]> => {
    const input = { QueueUrl, MaxNumberOfMessages: 10 };
    const received = await aws.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', input);
    return (received.Messages ?? []).map((message) => message.Body);
  };

  const firstMessage = (QueueUrl: string): Promise<string> => eventually(async () => (await messages(QueueUrl))[0]);

  const putEvent = (detail: object): Promise<unknown> => {
    const entry = { Source: 'aws.codecommit', DetailType: 'CodeCommit Repository State Change' };
    return aws.call('events', 'PutEvents', { Entries: [{ ...entry, Detail: JSON.stringify(detail) }] });
  };

  it('fires a schedule: a state machine starts with its input, and publishes a notification', async () => {
    const role = await aws.role('pipeline');
    const TopicArn = `${prefix('sns')}reports`;
    await aws.call('sns', 'CreateTopic', { Name: 'reports' });
    const inbox = await queue('inbox');
    const Endpoint = `${prefix('sqs')}inbox`;
    await aws.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
    const definition = {
      StartAt: 'Tell',
      States: {
        Tell: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sns:publish',
          Parameters: { TopicArn, Subject: 'done', 'Message.$': "States.Format('backed up {}', $.source)" },
          End: true,
        },
      },
    };
    const machine = { name: 'pipeline', roleArn: role, definition: JSON.stringify(definition) };
    const { stateMachineArn } = await aws.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', machine);
    await aws.call('scheduler', 'POST /schedules/monthly', {
      Name: 'monthly',
      ScheduleExpression: 'cron(1 1 1 * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: stateMachineArn, RoleArn: role, Input: '{"source":"github"}' },
    });

    const fired = await aws.server().fire('monthly');
    expect(fired).to.include({ target: stateMachineArn, input: '{"source":"github"}' });
    expect(fired.executionArn).to.match(/^arn:aws:states:us-east-1:123456789012:execution:pipeline:/);
    const [notification] = await eventually(async () => {
      const all = await aws.server().notifications();
      return all.length ? all : undefined;
    });
    expect(notification).to.include({ topicArn: TopicArn, subject: 'done', message: 'backed up github' });
    expect(JSON.parse(await firstMessage(inbox))).to.include({ TopicArn, Message: 'backed up github' });

    const calls = await aws.server().calls();
    const started = calls.find((call) => call.operation === 'StartExecution');
    expect(started!.caller).to.deep.equal({ role, via: 'schedule:monthly' });
  });

  it('knows no other schedules', async () => {
    const error = await aws.server().fire('yearly').catch(String);
    expect(error).to.include('there is no schedule yearly');
  });

  it('delivers a matching event to each target of a rule, shaped as the target asks', async () => {
    const [whole, shaped] = [await queue('whole'), await queue('shaped')];
    const EventPattern = JSON.stringify({ source: ['aws.codecommit'], detail: { event: ['referenceUpdated'] } });
    await aws.call('events', 'PutRule', { Name: 'pushes', EventPattern });
    const InputTransformer = {
      InputPathsMap: { name: '$.detail.repositoryName', count: '$.detail.count' },
      InputTemplate: '{"text": "push to <name>", "name": <name>, "count": <count>}',
    };
    const Targets = [
      { Id: 'whole', Arn: `${prefix('sqs')}whole` },
      { Id: 'shaped', Arn: `${prefix('sqs')}shaped`, InputTransformer },
    ];
    await aws.call('events', 'PutTargets', { Rule: 'pushes', Targets });
    await putEvent({ event: 'referenceDeleted', repositoryName: 'r' });
    await putEvent({ event: 'referenceUpdated', repositoryName: 'a "b"', count: 2 });
    const event = JSON.parse(await firstMessage(whole)) as Record<string, unknown>;
    expect(event).to.include({ source: 'aws.codecommit', account: '123456789012', region: 'us-east-1' });
    expect(event['detail']).to.deep.equal({ event: 'referenceUpdated', repositoryName: 'a "b"', count: 2 });
    const expected = { text: 'push to a "b"', name: 'a "b"', count: 2 };
    expect(JSON.parse(await firstMessage(shaped))).to.deep.equal(expected);
  });

  it('leaves a disabled rule alone', async () => {
    const ignored = await queue('ignored');
    const EventPattern = JSON.stringify({ source: ['aws.codecommit'] });
    await aws.call('events', 'PutRule', { Name: 'off', EventPattern, State: 'DISABLED' });
    await aws.call('events', 'PutTargets', { Rule: 'off', Targets: [{ Id: 'q', Arn: `${prefix('sqs')}ignored` }] });
    await putEvent({ event: 'referenceUpdated' });
    expect(await messages(ignored)).to.deep.equal([]);
  });

  it('hands what cannot be delivered to the dead-letter queue of the target', async () => {
    const lost = await queue('lost');
    const EventPattern = JSON.stringify({ detail: { event: ['toNowhere'] } });
    await aws.call('events', 'PutRule', { Name: 'nowhere', EventPattern });
    const DeadLetterConfig = { Arn: `${prefix('sqs')}lost` };
    const Targets = [{ Id: 'f', Arn: `${prefix('lambda')}function:missing`, DeadLetterConfig }];
    await aws.call('events', 'PutTargets', { Rule: 'nowhere', Targets });
    await putEvent({ event: 'toNowhere' });
    expect(JSON.parse(await firstMessage(lost))).to.have.nested.property('detail.event', 'toNowhere');
  });

  it('gives a function batches of a queue, returns what failed, and in the end dead-letters it', async () => {
    const failures = await queue('failures');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${prefix('sqs')}failures`, maxReceiveCount: 2 });
    const work = await queue('work', { RedrivePolicy, VisibilityTimeout: '60' });
    const results = await queue('results');
    const alias = await aws.deploy(
      'consumer',
      `const tell = (body) => fetch(process.env.AWS_ENDPOINT_URL, {
         method: 'POST',
         headers: {
           authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sqs/aws4_request',
           'content-type': 'application/x-amz-json-1.0',
           'x-amz-target': 'AmazonSQS.SendMessage',
         },
         body: JSON.stringify({ QueueUrl: '${results}', MessageBody: body }),
       });
       export const handler = async ({ Records }) => {
         const batchItemFailures = [];
         for (const { body, messageId } of Records) {
           if (body === 'bad') batchItemFailures.push({ itemIdentifier: messageId });
           else await tell(body);
         }
         return { batchItemFailures };
       };`,
    );
    const source = { EventSourceArn: `${prefix('sqs')}work`, FunctionName: alias, BatchSize: 5 };
    const FunctionResponseTypes = ['ReportBatchItemFailures'];
    const mapping = await aws.call('lambda', 'POST /2015-03-31/event-source-mappings', {
      ...source,
      FunctionResponseTypes,
    });
    expect(mapping).to.include({ FunctionArn: alias, State: 'Enabled' });
    const Entries = ['good', 'bad', 'better'].map((MessageBody, i) => ({ Id: String(i), MessageBody }));
    await aws.call('sqs', 'SendMessageBatch', { QueueUrl: work, Entries });
    const done: string[] = [];
    await eventually(async () => {
      done.push(...(await messages(results)));
      return done.length === 2 ? true : undefined;
    });
    expect(done).to.have.members(['good', 'better']);
    expect(await firstMessage(failures)).to.equal('bad');
  });
});
