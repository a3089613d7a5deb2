import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { events, holdfast } from '../../support/command-line.ts';
import { answerWith, listen } from '../../support/http-listener.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';
import { startS3Store } from '../../support/s3-store.ts';

const execution = 'arn:aws:states:eu-central-1:123456789012:execution:holdfast-github:1';

/** Step Functions, as far as a run that has ended is asked of it. */
function startStepFunctions(described: object) {
  const answers: Record<string, object> = {
    ListStateMachines: { stateMachines: [{ name: 'holdfast-github', stateMachineArn: 'arn', creationDate: 1 }] },
    StartExecution: { executionArn: execution, startDate: 1 },
    DescribeExecution: { executionArn: execution, startDate: 1, ...described },
    ListMapRuns: { mapRuns: [] },
  };
  return listen((request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    answerWith(response, { status: 200, headers, body: JSON.stringify(answers[operation]) });
    return Promise.resolve();
  });
}

describe('holdfast run of a deployment', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let store: Awaited<ReturnType<typeof startS3Store>>;
  let env: Record<string, string>;
  /** Of a run that backed one repository up and could not reach another. */
  let report: string;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'one'), { commits: 1 });
    await mkdir(path.join(place, 'nothing'));
    store = await startS3Store();
    env = {
      AWS_ENDPOINT_URL_S3: store.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    };
    const { code, stdout } = await holdfast(
      ['backup', 'git', 'one', 'nothing', '--json', '--vault', 's3://bucket/backups'],
      { cwd: place, env },
    );
    expect(code, stdout).to.equal(3);
    report = [...store.objects.keys()].find((key) => key.endsWith('/report.json')) ?? '';
    expect(report).to.match(/^bucket\/backups\/runs\/git\//);
  });

  after(() => store.close());

  const run = async (described: object, ...options: string[]) => {
    const aws = await startStepFunctions(described);
    try {
      return await holdfast(['run', 'github', ...options], { cwd: place, env: { ...env, AWS_ENDPOINT_URL: aws.url } });
    } finally {
      await aws.close();
    }
  };

  it('prints the report of the run, and where it is, for machines', async () => {
    const output = JSON.stringify({ report: `s3://${report}` });
    const { code, stdout, stderr } = await run({ status: 'SUCCEEDED', output }, '--json');
    expect(stderr).to.equal('');
    const [started, printed, ...others] = events(stdout, 'run');
    expect(started).to.include({ event: 'started', execution });
    expect(printed).to.include({ event: 'report', report: `s3://${report}`, result: 'partial' });
    expect(printed)
      .to.have.property('items')
      .that.satisfies((items: { address: string }[]) => items.every(({ address }) => address.startsWith('git/')));
    expect(others).to.deep.equal([]);
    expect(code).to.equal(3);
  });

  it('prints the same for people, with the line that adds up and the place of the report', async () => {
    // What Step Functions says of a run that its last state made fail.
    const cause = `1 of 2 could not be backed up: s3://${report}`;
    const { code, stdout } = await run({ status: 'FAILED', error: 'PartialRun', cause });
    expect(stdout).to.contain('2 listed = 1 stored + 0 unchanged + 0 skipped + 1 failed');
    expect(stdout).to.contain(`report: s3://${report}\n`);
    expect(code).to.equal(3);
  });

  it('says how an execution ended that has no report', async () => {
    const { code, stderr } = await run({ status: 'TIMED_OUT', cause: 'the time was up' });
    expect(stderr).to.contain('TIMED_OUT').and.to.contain('the time was up');
    expect(code).to.equal(1);
  });
});
