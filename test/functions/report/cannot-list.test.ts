import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { tmpdir } from 'node:os';
import { describeWithAws } from '../../support/aws/suite.ts';
import { events, holdfast } from '../../support/command-line.ts';
import { setEnvironment } from '../../support/vault-s3.ts';

const context = { awsRequestId: 'request', functionName: 'function', getRemainingTimeInMillis: () => 60_000 };

describeWithAws('a deployed run that cannot list', (aws) => {
  let restore: () => void;
  const started = '2026-11-30T12:00:00.000Z';

  before(async () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:told';
    restore = setEnvironment({
      ...aws.server().environment,
      HOLDFAST_BUCKET: 'vault',
      HOLDFAST_PREFIX: 'backups/company',
      HOLDFAST_SOURCE: 'github',
      HOLDFAST_SECRET: 'prod/github-backup',
      HOLDFAST_ARTIFACTS: 'artifacts',
      HOLDFAST_CONCURRENCY: '4',
      HOLDFAST_TOPIC: topic,
      HOLDFAST_NOTIFY_SUCCESS: 'false',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
    });
    const s3 = new S3Client({ forcePathStyle: true });
    for (const Bucket of ['vault', 'artifacts']) await s3.send(new CreateBucketCommand({ Bucket }));
    s3.destroy();
    await aws.call('sns', 'CreateTopic', { Name: 'told' });
    await aws.call('secretsmanager', 'CreateSecret', {
      Name: 'prod/github-backup',
      SecretString: JSON.stringify({ TOKEN_GITHUB: 'not a token', BACKUP_S3_BUCKET: 'vault' }),
    });
  });
  after(() => restore());

  it('reports where readers look, and the latest run says that it failed', async () => {
    const { handler: inventory } = await import('../../../functions/inventory/index.ts');
    const failure = await inventory({ source: 'github', started, execution: 'one' }, context).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : undefined),
    );
    expect(failure?.name).to.equal('ConfigurationInvalid');

    const { handler: report } = await import('../../../functions/report/index.ts');
    // As the state machine hands it on.
    const Cause = JSON.stringify({ errorType: failure?.name, errorMessage: failure?.message });
    const ended = await report(
      {
        source: 'github',
        execution: 'one',
        started,
        inventory: null,
        map: null,
        failure: { Error: failure?.name, Cause },
      },
      context,
    );
    const run = '2026-11-30T120000.000Z';
    expect(ended).to.deep.include({
      result: 'failed',
      reportKey: `s3://vault/backups/company/runs/github/${run}/report.json`,
    });

    const s3 = new S3Client({ forcePathStyle: true });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'vault' }));
    s3.destroy();
    expect(Contents.map(({ Key }) => Key).filter((key) => !key?.startsWith('backups/company/'))).to.deep.equal([]);

    const [{ message } = { message: '' }] = await aws.server().notifications();
    const [, link = ''] = /(https?:\/\/\S+report\.html\S*)/.exec(message) ?? [];
    const page = await fetch(link);
    expect(page.status, link).to.equal(200);
    // The stand-in does not heed it; S3 answers with it, and a browser shows the page.
    expect(new URL(link).searchParams.get('response-content-type')).to.equal('text/html; charset=utf-8');
    expect(await page.text())
      .to.include('Backups in <bdi>s3://vault/backups/company</bdi>')
      .and.include('the last run failed');

    const read = (...args: string[]) =>
      holdfast([...args, '--vault', 's3://vault/backups/company'], { cwd: tmpdir(), env: aws.server().environment });
    const [told] = events((await read('runs', 'github', '--json')).stdout, 'runs');
    expect(told).to.include({ run, result: 'failed' });
    const printed = await read('report', 'github');
    expect(printed.code).to.equal(1);
    expect(printed.stdout).to.match(/^failed {2}ConfigurationInvalid: .*TOKEN_GITHUB/m);
    const [source] = events((await read('status', '--json')).stdout, 'status');
    expect(source?.['lastRun']).to.include({ run, result: 'failed' });
  });
});
