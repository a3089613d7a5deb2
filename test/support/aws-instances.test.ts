import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requestAws } from './aws/api.ts';
import { describeWithAws, eventually } from './aws/suite.ts';

const tools = mkdtempSync(join(tmpdir(), 'aws-instances-'));
writeFileSync(join(tools, 'hostname'), '#!/bin/sh\necho "called $INSTANCE_ID"\n', { mode: 0o755 });

/** Calls AWS with the keys of the instance, which needs no SDK. */
const userData = `#!/bin/bash
hostname > name
curl --silent --header "Authorization: AWS4-HMAC-SHA256 Credential=$AWS_ACCESS_KEY_ID/20260101/us-east-1/s3/aws4_request" \\
  --request PUT --data-binary @name "$AWS_ENDPOINT_URL/booted/name"
sleep 1000 &
echo $! > work
`;

describeWithAws(
  'the instances of the local AWS stand-in',
  (aws) => {
    after(() => {
      rmSync(tools, { recursive: true });
    });

    const group = { AutoScalingGroupName: 'machines' };
    const ask = async (service: string, operation: string, input: Record<string, unknown> = {}): Promise<string> =>
      (await requestAws(aws.server().endpoint, service, operation, input)).text;
    const instances = async (): Promise<string[]> => {
      const text = await ask('autoscaling', 'DescribeAutoScalingGroups');
      return [...text.matchAll(/<InstanceId>([^<]+)/g)].map(([, id = '']) => id);
    };
    const send = async (InstanceId: string, document: Record<string, unknown>): Promise<string> => {
      const { Command } = await aws.call<{ Command: { CommandId: string } }>('ssm', 'SendCommand', {
        InstanceIds: [InstanceId],
        ...document,
      });
      return eventually(async () => {
        const { Status, StandardOutputContent } = await aws.call<{ Status: string; StandardOutputContent: string }>(
          'ssm',
          'GetCommandInvocation',
          { CommandId: Command.CommandId, InstanceId },
        );
        return Status === 'InProgress' ? undefined : StandardOutputContent;
      });
    };
    const run = (InstanceId: string, command: string): Promise<string> =>
      send(InstanceId, { DocumentName: 'AWS-RunShellScript', Parameters: { commands: [command] } });
    const launch = async (): Promise<string> => {
      await aws.call('autoscaling', 'SetDesiredCapacity', { ...group, DesiredCapacity: 1 });
      const [id = ''] = await instances();
      await eventually(async () => ((await run(id, 'cat work')) === '' ? undefined : true));
      return id;
    };
    const isAlive = (pid: string): boolean => {
      try {
        return process.kill(Number(pid), 0);
      } catch {
        return false;
      }
    };

    before(async () => {
      await aws.call('s3', 'PUT /booted');
      await aws.role('machine');
      await ask('iam', 'CreateInstanceProfile', { InstanceProfileName: 'machine' });
      await ask('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'machine', RoleName: 'machine' });
      await ask('ec2', 'CreateLaunchTemplate', {
        LaunchTemplateName: 'machine',
        'LaunchTemplateData.ImageId':
          'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
        'LaunchTemplateData.InstanceType': 't4g.nano',
        'LaunchTemplateData.IamInstanceProfile.Arn': 'arn:aws:iam::123456789012:instance-profile/machine',
        'LaunchTemplateData.UserData': Buffer.from(userData).toString('base64'),
      });
      await ask('autoscaling', 'CreateAutoScalingGroup', {
        ...group,
        'LaunchTemplate.LaunchTemplateName': 'machine',
        'LaunchTemplate.Version': '$Latest',
        MinSize: 0,
        MaxSize: 1,
        'AvailabilityZones.member.1': 'us-east-1a',
      });
    });

    it('run their user data in the role of their profile, with the tools of the test', async () => {
      const id = await launch();
      expect(await run(id, 'cat name')).to.equal(`called ${id}\n`);
      const stored = (await aws.server().calls()).find(({ resource }) => resource === 'arn:aws:s3:::booted/name');
      expect(stored?.caller).to.deep.equal({
        role: 'arn:aws:iam::123456789012:role/machine',
        via: `instance:${id}`,
      });
    });

    it('run what a custom document says', async () => {
      const [id = ''] = await instances();
      const inputs = { runCommand: ['echo "$INSTANCE_ID"', 'echo done'], timeoutSeconds: '60' };
      await aws.call('ssm', 'CreateDocument', {
        Name: 'own',
        DocumentType: 'Command',
        Content: JSON.stringify({
          schemaVersion: '2.2',
          mainSteps: [{ name: 'own', action: 'aws:runShellScript', inputs }],
        }),
      });
      expect(await send(id, { DocumentName: 'own' })).to.equal(`${id}\ndone\n`);
      const sent = (await aws.server().calls()).findLast(({ operation }) => operation === 'SendCommand');
      expect(sent?.permissions.map(({ resource }) => resource)).to.include(
        'arn:aws:ssm:us-east-1:123456789012:document/own',
      );
    });

    it('end with all that they run', async () => {
      const [id = ''] = await instances();
      const pid = await run(id, 'cat work');
      expect(isAlive(pid)).to.equal(true);
      await aws.call('autoscaling', 'SetDesiredCapacity', { ...group, DesiredCapacity: 0 });
      await eventually(async () => ((await instances()).length === 0 && !isAlive(pid) ? true : undefined));
    });

    it('can be lost without a word, and no other comes in their place', async () => {
      const { QueueUrl } = await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'ends' });
      const EventPattern = JSON.stringify({ 'detail-type': ['EC2 Instance Terminate Successful'] });
      await aws.call('events', 'PutRule', { Name: 'ends', EventPattern });
      const Targets = [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:123456789012:ends' }];
      await aws.call('events', 'PutTargets', { Rule: 'ends', Targets });
      const id = await launch();
      const pid = await run(id, 'cat work');
      await aws.server().loseInstance(id);
      expect(await instances()).to.deep.equal([]);
      await eventually(() => Promise.resolve(isAlive(pid) ? undefined : true));
      expect(await aws.call('sqs', 'ReceiveMessage', { QueueUrl })).to.not.have.property('Messages');
    });
  },
  { env: { LOCAL_AWS_INSTANCE_TOOLS: tools } },
);

describeWithAws('EFS and reminders in the local AWS stand-in', (aws) => {
  it('has AWS Backup off unless it is switched on', async () => {
    const { FileSystemId } = await aws.call<{ FileSystemId: string }>(
      'elasticfilesystem',
      'POST /2015-02-01/file-systems',
      { CreationToken: 'files' },
    );
    const place = `/2015-02-01/file-systems/${FileSystemId}/backup-policy`;
    const status = (): Promise<object> => aws.call('elasticfilesystem', `GET ${place}`);
    expect(await status()).to.deep.equal({ BackupPolicy: { Status: 'DISABLED' } });
    await aws.call('elasticfilesystem', `PUT ${place}`, { BackupPolicy: { Status: 'ENABLED' } });
    expect(await status()).to.deep.equal({ BackupPolicy: { Status: 'ENABLED' } });
  });

  it('takes away a one-off schedule that has fired, and knows that its role must be handed over', async () => {
    const { QueueUrl } = await aws.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'reminders' });
    const RoleArn = await aws.role('reminders');
    await aws.call('scheduler', 'POST /schedules/once', {
      Name: 'once',
      ScheduleExpression: 'at(2030-01-01T00:00:00)',
      ActionAfterCompletion: 'DELETE',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:aws:sqs:us-east-1:123456789012:reminders', RoleArn, Input: '{"remember":1}' },
    });
    await aws.server().fire('once');
    const { Messages } = await aws.call<{ Messages: { Body: string }[] }>('sqs', 'ReceiveMessage', { QueueUrl });
    expect(Messages[0]?.Body).to.equal('{"remember":1}');
    expect(await aws.server().fire('once').catch(String)).to.include('there is no schedule once');
    const created = (await aws.server().calls()).find(({ operation }) => operation === 'CreateSchedule');
    const needed = created?.permissions.map(({ action, resource }) => ({ action, resource }));
    expect(needed).to.deep.include({ action: 'iam:PassRole', resource: RoleArn });
  });
});
