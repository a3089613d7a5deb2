import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requestAws } from './aws/api.ts';
import { describeWithAws, eventually } from './aws/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'aws-sources-'));

const options = { env: { LOCAL_AWS_CODECOMMIT_FOLDER: folder } };

describeWithAws(
  'the sources in the local AWS stand-in',
  (aws) => {
    after(() => {
      rmSync(folder, { recursive: true });
    });

    const events = async (source: string): Promise<() => Promise<Record<string, unknown>>> => {
      const QueueName = source.replace('.', '-');
      const { QueueUrl } = await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName });
      await aws.call('events', 'PutRule', { Name: QueueName, EventPattern: JSON.stringify({ source: [source] }) });
      const Targets = [{ Id: 'queue', Arn: `arn:aws:sqs:us-east-1:123456789012:${QueueName}` }];
      await aws.call('events', 'PutTargets', { Rule: QueueName, Targets });
      return () =>
        eventually(async () => {
          const received = await aws.call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
            'sqs',
            'ReceiveMessage',
            { QueueUrl },
          );
          const [message] = received.Messages ?? [];
          if (!message) return undefined;
          await aws.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
          return JSON.parse(message.Body) as Record<string, unknown>;
        });
    };

    it('lists repositories of CodeCommit, and the branches of those that have any', async () => {
      execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', join(folder, 'full')]);
      const git = ['-C', join(folder, 'full'), '-c', 'user.name=t', '-c', 'user.email=t@example.com'];
      const tree = execFileSync('git', [...git, 'mktree'], { input: '', encoding: 'utf8' }).trim();
      const commit = execFileSync('git', [...git, 'commit-tree', '-m', 'first', tree], { encoding: 'utf8' }).trim();
      execFileSync('git', [...git, 'update-ref', 'refs/heads/main', commit]);
      for (const repositoryName of ['full', 'empty']) {
        await aws.call('codecommit', 'CreateRepository', { repositoryName });
      }
      const { repositories } = await aws.call<{ repositories: { repositoryName: string }[] }>(
        'codecommit',
        'ListRepositories',
      );
      expect(repositories.map((r) => r.repositoryName)).to.deep.equal(['empty', 'full']);
      const found = await aws.call<{ repositories: object[]; repositoriesNotFound: string[] }>(
        'codecommit',
        'BatchGetRepositories',
        { repositoryNames: ['full', 'gone'] },
      );
      expect(found.repositoriesNotFound).to.deep.equal(['gone']);
      expect(found.repositories[0]).to.include({
        Arn: 'arn:aws:codecommit:us-east-1:123456789012:full',
        cloneUrlHttp: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/full',
        defaultBranch: 'main',
      });
      const branches = (repositoryName: string): Promise<unknown> =>
        aws.call('codecommit', 'ListBranches', { repositoryName });
      expect(await branches('full')).to.deep.equal({ branches: ['main'] });
      expect(await branches('empty')).to.deep.equal({ branches: [] });
      const branch = { repositoryName: 'full', branchName: 'main' };
      expect(await aws.call('codecommit', 'GetBranch', branch)).to.have.nested.property('branch.commitId', commit);
    });

    it('holds an instance of Auto Scaling until its lifecycle action is completed', async () => {
      const next = await events('aws.autoscaling');
      const group = { AutoScalingGroupName: 'copies' };
      const hook = { ...group, LifecycleHookName: 'collect' };
      await aws.call('autoscaling', 'CreateLaunchConfiguration', {
        LaunchConfigurationName: 'copy',
        ImageId: 'ami-12c6146b',
        InstanceType: 't3.micro',
      });
      await aws.call('autoscaling', 'CreateAutoScalingGroup', {
        ...group,
        LaunchConfigurationName: 'copy',
        MinSize: 0,
        MaxSize: 1,
        'AvailabilityZones.member.1': 'us-east-1a',
      });
      const LifecycleTransition = 'autoscaling:EC2_INSTANCE_TERMINATING';
      await aws.call('autoscaling', 'PutLifecycleHook', { ...hook, LifecycleTransition, HeartbeatTimeout: 3600 });
      const state = async (): Promise<string | undefined> => {
        const { text } = await requestAws(aws.server().endpoint, 'autoscaling', 'DescribeAutoScalingGroups');
        return /<LifecycleState>([^<]+)/.exec(text)?.[1];
      };
      await aws.call('autoscaling', 'SetDesiredCapacity', { ...group, DesiredCapacity: 1 });
      expect(await state()).to.equal('InService');
      expect(await next()).to.include({ 'detail-type': 'EC2 Instance Launch Successful' });

      await aws.call('autoscaling', 'SetDesiredCapacity', { ...group, DesiredCapacity: 0 });
      const event = await next();
      expect(event).to.include({ 'detail-type': 'EC2 Instance-terminate Lifecycle Action' });
      expect(event['detail']).to.include({ ...hook, LifecycleTransition });
      const { LifecycleActionToken } = event['detail'] as { LifecycleActionToken: string };
      expect(await state()).to.equal('Terminating:Wait');
      await aws.call('autoscaling', 'RecordLifecycleActionHeartbeat', { ...hook, LifecycleActionToken });
      const LifecycleActionResult = 'CONTINUE';
      await aws.call('autoscaling', 'CompleteLifecycleAction', {
        ...hook,
        LifecycleActionToken,
        LifecycleActionResult,
      });
      expect(await next()).to.include({ 'detail-type': 'EC2 Instance Terminate Successful' });
      expect(await state()).to.equal(undefined);
    });

    it('runs a remote command', async () => {
      const sent = await aws.call<{ Command: { CommandId: string } }>('ssm', 'SendCommand', {
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: ['i-0123456789abcdef0'],
        Parameters: { commands: ['echo "on $INSTANCE_ID"', 'exit 4'] },
      });
      const asked = { CommandId: sent.Command.CommandId, InstanceId: 'i-0123456789abcdef0' };
      const result = await eventually(async () => {
        const invocation = await aws.call<{ Status: string }>('ssm', 'GetCommandInvocation', asked);
        return invocation.Status === 'InProgress' ? undefined : invocation;
      });
      expect(result).to.include({
        Status: 'Failed',
        ResponseCode: 4,
        StandardOutputContent: 'on i-0123456789abcdef0\n',
      });
    });
  },
  options,
);
