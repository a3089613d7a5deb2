import { expect } from 'chai';
import { describeWithAws, eventually } from './aws/suite.ts';

const Bucket = 'builds';
const buildspec = `
version: 0.2
env:
  variables: { GREETING: from the buildspec }
  exported-variables: [RESULT]
phases:
  install:
    commands: ['export RESULT=made; mkdir deep; cd deep']
  build:
    commands:
      - echo "$GREETING|$NAME|$TOKEN|$(basename $PWD)"
      - |
        echo made > ../made.txt
        [ -z "$FAIL" ] || exit 3
      - '[ -z "$SLEEP" ] || sleep "$SLEEP"'
  post_build:
    commands: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"']
artifacts:
  files: [made.txt]
`;

interface Build {
  id: string;
  buildStatus: string;
  buildComplete: boolean;
  phases: { phaseType: string; phaseStatus?: string }[];
  exportedEnvironmentVariables: { name: string; value: string }[];
  logs: { groupName: string; streamName: string };
}

describeWithAws('the CodeBuild of the local AWS stand-in', (aws) => {
  let role = '';
  const projectName = 'large';

  before(async () => {
    role = await aws.role('builder');
    await aws.call('s3', `PUT /${Bucket}`);
    await aws.call('secretsmanager', 'CreateSecret', { Name: 'prod/token', SecretString: '{"TOKEN":"canary-7"}' });
    await aws.call('codebuild', 'CreateProject', {
      name: projectName,
      serviceRole: role,
      source: { type: 'NO_SOURCE', buildspec },
      artifacts: { type: 'S3', location: Bucket, path: 'out', name: 'made', packaging: 'NONE' },
      environment: {
        type: 'ARM_CONTAINER',
        image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
        computeType: 'BUILD_GENERAL1_SMALL',
        environmentVariables: [
          { name: 'NAME', value: 'project' },
          { name: 'TOKEN', value: 'prod/token:TOKEN', type: 'SECRETS_MANAGER' },
        ],
      },
    });
  });

  const start = async (variables: Record<string, string> = {}): Promise<string> => {
    const environmentVariablesOverride = Object.entries(variables).map(([name, value]) => ({ name, value }));
    const input = { projectName, environmentVariablesOverride };
    return (await aws.call<{ build: Build }>('codebuild', 'StartBuild', input)).build.id;
  };

  const finished = (id: string): Promise<Build> =>
    eventually(async () => {
      const { builds } = await aws.call<{ builds: Build[] }>('codebuild', 'BatchGetBuilds', { ids: [id] });
      return builds[0]!.buildComplete ? builds[0] : undefined;
    });

  const log = async ({ logs: { groupName: logGroupName, streamName: logStreamName } }: Build): Promise<string> => {
    const input = { logGroupName, logStreamName };
    const { events } = await aws.call<{ events: { message: string }[] }>('logs', 'GetLogEvents', input);
    return events.map((event) => event.message).join('');
  };

  it('runs the buildspec with the variables of project, request and secrets, and logs without the secrets', async () => {
    const build = await finished(await start({ NAME: 'request' }));
    expect(build.buildStatus).to.equal('SUCCEEDED');
    expect(build.exportedEnvironmentVariables).to.deep.equal([{ name: 'RESULT', value: 'made' }]);
    const text = await log(build);
    expect(text).to.include('from the buildspec|request|***|deep');
    expect(text).to.include('succeeding: 1');
    expect(text).to.not.include('canary-7');
    await aws.call('s3', `HEAD /${Bucket}/out/made/made.txt`);
    const calls = (await aws.server().calls()).filter((call) => call.caller.via === `codebuild:${projectName}`);
    expect(calls.map((call) => call.operation)).to.include.members(['GetSecretValue', 'PutObject', 'PutLogEvents']);
    expect(calls.map((call) => call.caller.role)).to.include.members([role]);
  });

  it('fails with the command that fails, after post_build', async () => {
    const build = await finished(await start({ FAIL: '1' }));
    expect(build.buildStatus).to.equal('FAILED');
    const phases = Object.fromEntries(build.phases.map((phase) => [phase.phaseType, phase.phaseStatus]));
    expect(phases).to.include({ INSTALL: 'SUCCEEDED', BUILD: 'FAILED', POST_BUILD: 'SUCCEEDED' });
    expect(await log(build)).to.include('succeeding: 0');
  });

  it('stops', async () => {
    const id = await start({ SLEEP: '60' });
    await aws.call('codebuild', 'StopBuild', { id });
    expect((await finished(id)).buildStatus).to.equal('STOPPED');
  });

  it('is waited for by a state machine, which catches its failure', async () => {
    const definition = {
      StartAt: 'Build',
      States: {
        Build: {
          Type: 'Task',
          Resource: 'arn:aws:states:::codebuild:startBuild.sync',
          Parameters: {
            ProjectName: projectName,
            EnvironmentVariablesOverride: [{ Name: 'FAIL', 'Value.$': '$.fail' }],
          },
          ResultSelector: { 'status.$': '$.Build.BuildStatus' },
          Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'Report' }],
          End: true,
        },
        Report: { Type: 'Pass', End: true },
      },
    };
    const machine = { name: 'builds', roleArn: role, definition: JSON.stringify(definition) };
    const { stateMachineArn } = await aws.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', machine);
    const run = async (fail: string): Promise<unknown> => {
      const input = { stateMachineArn, input: JSON.stringify({ fail }) };
      const { executionArn } = await aws.call<{ executionArn: string }>('states', 'StartExecution', input);
      const output = await eventually(
        async () => (await aws.call<{ output?: string }>('states', 'DescribeExecution', { executionArn })).output,
      );
      return JSON.parse(output);
    };
    expect(await run('')).to.deep.equal({ status: 'SUCCEEDED' });
    expect(await run('1')).to.have.nested.property('error.Error', 'States.TaskFailed');
  });

  it('updates a project', async () => {
    await aws.call('codebuild', 'UpdateProject', { name: projectName, description: 'for the large ones' });
    const { projects } = await aws.call<{ projects: object[] }>('codebuild', 'BatchGetProjects', {
      names: [projectName],
    });
    expect(projects[0]).to.include({ description: 'for the large ones', serviceRole: role });
  });
});
