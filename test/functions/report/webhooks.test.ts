import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import * as v from 'valibot';
import { describeWithAws } from '../../support/aws/suite.ts';
import { setEnvironment } from '../../support/vault-s3.ts';
import { listenForWebhooks, type Webhooks } from '../../support/webhooks.ts';

const context = { awsRequestId: 'request', functionName: 'function', getRemainingTimeInMillis: () => 60_000 };
const canary = 'C4naryOfAnAddress0';
const secret = 'prod/holdfast-notifications';

/** An instance of its own: how much is logged is settled when a function is loaded, and another test may have done so. */
const own = `${new URL('../../../functions/report/index.ts', import.meta.url).href}?webhooks`;
const moduleSchema = v.object({
  handler: v.custom<(event: unknown, context: object) => Promise<unknown>>((input) => typeof input === 'function'),
});

const endedSchema = v.looseObject({ result: v.string(), warnings: v.array(v.string()) });

describeWithAws('the webhooks of a deployment', (aws) => {
  let restore: () => void;
  let server: Webhooks;
  let printed: string;
  const writers = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));

  before(async () => {
    server = await listenForWebhooks();
    restore = setEnvironment({
      ...aws.server().environment,
      HOLDFAST_BUCKET: 'vault',
      HOLDFAST_SOURCE: 'github',
      HOLDFAST_TOPIC: 'arn:aws:sns:us-east-1:123456789012:told',
      HOLDFAST_NOTIFY_SUCCESS: 'false',
      HOLDFAST_NOTIFY_SECRET: secret,
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
    });
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'vault' }));
    s3.destroy();
    await aws.call('sns', 'CreateTopic', { Name: 'told' });
    await aws.call('secretsmanager', 'CreateSecret', { Name: secret, SecretString: '{}' });
  });
  beforeEach(() => {
    server.received.length = 0;
    printed = '';
    for (const { stream } of writers)
      stream.write = (chunk: string | Uint8Array): boolean => {
        printed += String(chunk);
        return true;
      };
  });
  afterEach(() => {
    for (const { stream, write } of writers) stream.write = write;
  });
  after(async () => {
    restore();
    await server.close();
  });

  const addresses = (values: object): Promise<unknown> =>
    aws.call('secretsmanager', 'PutSecretValue', { SecretId: secret, SecretString: JSON.stringify(values) });
  /** Reports a run that could not list. */
  const report = async (started: string) => {
    const { handler } = v.parse(moduleSchema, await import(own));
    const failure = { Error: 'AccessDenied', Cause: JSON.stringify({ errorMessage: 'no <!channel> token' }) };
    const event = { source: 'github', execution: 'one', started, inventory: null, map: null, failure };
    return v.parse(endedSchema, await handler(event, context));
  };
  const mails = async (): Promise<number> => (await aws.server().notifications()).length;

  it('are told beside the topic, once, and the heartbeat hears each time that it failed', async () => {
    const before = await mails();
    await addresses({
      NOTIFY_SLACK: `${server.url}/slack/${canary}`,
      NOTIFY_WEBHOOK: `${server.url}/own/${canary}`,
      NOTIFY_HEARTBEAT_GITHUB: `${server.url}/ping/${canary}`,
      NOTIFY_SLACK_CODECOMMIT: `${server.url}/of-another-source`,
    });
    const ended = await report('2026-11-30T12:00:00.000Z');
    // As Step Functions does where an answer was lost.
    await report('2026-11-30T12:00:00.000Z');
    expect(ended).to.deep.include({ result: 'failed', warnings: [] });
    expect((await mails()) - before).to.equal(1);
    const [first, ...rest] = server.received.map(({ path }) => path.replace(canary, '*'));
    expect(first).to.equal('/ping/*/fail');
    expect(rest).to.have.members(['/slack/*', '/own/*', '/ping/*/fail']);
    const own = server.received.find(({ path }) => path.startsWith('/own'));
    expect(JSON.parse(own?.body ?? '{}')).to.deep.include({
      kind: 'run',
      source: 'github',
      id: '2026-11-30T120000.000Z',
      severity: { level: 'critical', why: 'nothing was backed up' },
      error: { code: 'AccessDenied', message: 'no <!channel> token' },
    });
    expect(printed).to.include('failed').and.not.include(canary);
  });

  it('cost a run nothing where they fail, and are named as a warning', async () => {
    const before = await mails();
    server.answers.unshift({ status: 410 }, { status: 410 });
    await addresses({
      NOTIFY_SLACK: `${server.url}/slack/${canary}`,
      NOTIFY_HEARTBEAT: `${server.url}/ping/${canary}`,
    });
    const ended = await report('2026-11-30T13:00:00.000Z');
    const gone = 'the server answers 410: check the address, or make a new one';
    const warnings = [`the heartbeat was not heard: ${gone}`, `Slack did not get the notification: ${gone}`];
    expect(ended).to.deep.include({ result: 'failed', warnings });
    expect((await mails()) - before).to.equal(1);
    for (const warning of warnings) expect(printed).to.include(warning);
    expect(JSON.stringify(ended) + printed).not.to.include(canary);
  });

  it('leave the mail as it is where their secret is wrong or missing', async () => {
    for (const [at, values] of [
      ['14', { NOTIFY_SLAK: `https://hooks.slack.com/${canary}` }],
      ['15', { NOTIFY_SLACK: `http://hooks.slack.com/${canary}` }],
    ] as const) {
      const before = await mails();
      await addresses(values);
      const ended = await report(`2026-11-30T${at}:00:00.000Z`);
      expect(ended.result).to.equal('failed');
      expect(ended.warnings).to.match(
        /no webhook and no heartbeat was reached: the secret prod\/holdfast-notifications/,
      );
      expect((await mails()) - before).to.equal(1);
      expect(JSON.stringify(ended) + printed).not.to.include(canary);
    }
    const back = setEnvironment({ HOLDFAST_NOTIFY_SECRET: 'prod/none' });
    const ended = await report('2026-11-30T16:00:00.000Z').finally(back);
    expect(ended.warnings).to.match(/there is no secret prod\/none/);
  });

  it('are told of a complete run where it misses an objective that the run before kept, and then no more', async () => {
    await addresses({
      NOTIFY_WEBHOOK: `${server.url}/own/${canary}`,
      NOTIFY_HEARTBEAT: `${server.url}/ping/${canary}`,
    });
    const store = async (Key: string, content: object): Promise<void> => {
      const s3 = new S3Client({ forcePathStyle: true });
      await s3.send(new PutObjectCommand({ Bucket: 'vault', Key, Body: JSON.stringify(content) }));
      s3.destroy();
    };
    await store('github/acme/a/2026-11-01T120000.000Z/manifest.json', {});
    const { handler } = v.parse(moduleSchema, await import(own));
    const told: string[][] = [];
    for (const [hour, rpo] of [
      ['17', 365 * 86_400],
      ['18', 86_400],
      ['19', 86_400],
    ] as const) {
      server.received.length = 0;
      const run = `2026-11-30T${hour}0000.000Z`;
      await store(`runs/github/${run}/inventory.json`, { source: 'github', listed: [], warnings: [] });
      const inventory = {
        ...{ source: 'github', run, vault: 's3://vault', bucket: 'vault', itemsKey: 'i', mapPrefix: 'm' },
        ...{ selected: 0, skipped: 0, requestsPerMinute: 1, objectives: { rpo } },
      };
      const event = { source: 'github', execution: 'one', started: `2026-11-30T${hour}:00:00.000Z`, map: null };
      const ended = v.parse(endedSchema, await handler({ ...event, inventory, failure: null }, context));
      told.push([ended.result, ...server.received.map(({ path }) => path.replace(canary, '*'))]);
    }
    expect(told).to.deep.equal([
      ['complete', '/ping/*'],
      ['complete', '/ping/*/fail', '/own/*'],
      ['complete', '/ping/*/fail'],
    ]);
  });
});
