import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DescribeAutoScalingGroupsCommand, AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { expect } from 'chai';
import { readHolder, readRecord, readTask } from '#core/filesystems/records.ts';
import { resultKey, type TaskResult } from '#core/filesystems/task.ts';
import { openWorld } from '../../../functions/efs-orchestrator/aws/open-world.ts';
import { dispatch } from '../../../functions/efs-orchestrator/dispatch.ts';
import type { BusEvent } from '../../../functions/efs-orchestrator/events.ts';
import type { World } from '../../../functions/efs-orchestrator/world.ts';
import { requestAws } from '../../support/aws/api.ts';
import { describeWithAws, eventually } from '../../support/aws/suite.ts';
import { setEnvironment } from '../../support/vault-s3.ts';
import { firstId as id, group, resultOf } from './stage.ts';

const stopDocument = JSON.stringify({
  schemaVersion: '2.2',
  mainSteps: [{ name: 'stop', action: 'aws:runShellScript', inputs: { runCommand: ['true'], timeoutSeconds: '60' } }],
});

const topic = 'arn:aws:sns:us-east-1:123456789012:people';

/** The orchestrator with the real clients of AWS; what the stand-in tells by rules is handed on here. */
describeWithAws('the EFS orchestrator at AWS', (aws) => {
  let restore: () => void;
  let world: World;
  let close: () => void;

  before(async () => {
    const { endpoint, environment } = aws.server();
    restore = setEnvironment(environment);
    const subnets = await requestAws(endpoint, 'ec2', 'DescribeSubnets');
    const [subnet = ''] = /subnet-[0-9a-f]+/.exec(subnets.text) ?? [];
    const zone = new RegExp(`${subnet}[\\s\\S]*?<availabilityZone>([^<]+)`).exec(subnets.text)?.[1] ?? '';
    const sources: string[] = [];
    for (const token of ['source', 'vault']) {
      const made = await aws.call<{ FileSystemId: string }>('elasticfilesystem', 'POST /2015-02-01/file-systems', {
        CreationToken: token,
      });
      sources.push(made.FileSystemId);
      const target = { FileSystemId: made.FileSystemId, SubnetId: subnet };
      await aws.call('elasticfilesystem', 'POST /2015-02-01/mount-targets', target);
    }
    await aws.call('dynamodb', 'CreateTable', {
      TableName: 'tasks',
      AttributeDefinitions: [{ AttributeName: 'BackupId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'BackupId', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'logs' }));
    await aws.call('sns', 'CreateTopic', { Name: 'people' });
    await aws.call('scheduler', 'POST /schedule-groups/tasks', {});
    await aws.call('ssm', 'CreateDocument', { Name: 'efs-stop', DocumentType: 'Command', Content: stopDocument });
    await aws.call('autoscaling', 'CreateLaunchConfiguration', {
      LaunchConfigurationName: 'instance',
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.small',
    });
    await aws.call('autoscaling', 'CreateAutoScalingGroup', {
      AutoScalingGroupName: group,
      LaunchConfigurationName: 'instance',
      MinSize: 0,
      MaxSize: 1,
      DesiredCapacity: 0,
      'AvailabilityZones.member.1': zone,
    });
    for (const [LifecycleHookName, transition] of Object.entries({ launch: 'LAUNCHING', terminate: 'TERMINATING' }))
      await aws.call('autoscaling', 'PutLifecycleHook', {
        AutoScalingGroupName: group,
        LifecycleHookName,
        LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
        HeartbeatTimeout: 3600,
      });
    const settings = {
      source: { id: sources[0] },
      vault: { id: sources[1] },
      group,
      hooks: { launch: 'launch', terminate: 'terminate' },
      label: 'efs-backup',
      interval: 'daily',
      retain: 7,
      windowMinutes: 180,
    };
    const undo = setEnvironment({
      HOLDFAST_EFS_TABLE: 'tasks',
      HOLDFAST_EFS_LOGS: 'logs',
      HOLDFAST_EFS_FILE_SYSTEMS: JSON.stringify({ files: settings }),
      HOLDFAST_TOPIC: topic,
      HOLDFAST_NOTIFY_SUCCESS: 'true',
      HOLDFAST_SCHEDULER_ROLE: 'arn:aws:iam::123456789012:role/schedule',
      HOLDFAST_SCHEDULE_GROUP: 'tasks',
      HOLDFAST_FUNCTION_ARN: 'arn:aws:lambda:us-east-1:123456789012:function:orchestrator:schedule',
      HOLDFAST_EFS_STOP_DOCUMENT: 'efs-stop',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    });
    const environmentOnly = restore;
    restore = () => {
      undo();
      environmentOnly();
    };
    const opened = await openWorld({ logger: new Logger(), metrics: new Metrics({ namespace: 'Test' }) });
    world = opened.world;
    close = opened.close;
  });
  after(() => {
    close();
    restore();
  });

  const instances = async () => {
    const { AutoScalingGroups } = await new AutoScalingClient({}).send(new DescribeAutoScalingGroupsCommand({}));
    return (AutoScalingGroups?.[0]?.Instances ?? []).map(({ InstanceId = '', LifecycleState = '' }) => ({
      id: InstanceId,
      state: LifecycleState,
    }));
  };
  const inState = (state: string) =>
    eventually(async () => (await instances()).find((instance) => instance.state === state));
  const tell = (kind: BusEvent['detail-type'], instance: string) =>
    dispatch(world, {
      'detail-type': kind,
      time: new Date().toISOString(),
      detail: { AutoScalingGroupName: group, EC2InstanceId: instance },
    } as BusEvent);

  it('takes one backup from its start to its message', async () => {
    const asked = '2026-11-20T02:00:00Z';
    const start = { action: 'start', fileSystem: 'files', task: 'backup', asked, interactive: false } as const;
    expect(await dispatch(world, start)).to.deep.equal({ outcome: 'started', id });
    const { id: instance } = await inState('Pending:Wait');
    await tell('EC2 Instance-launch Lifecycle Action', instance);
    await inState('InService');
    expect(await readTask('tasks', group)).to.include({ id, action: 'backup', retain: 7 });
    const scheduler = new SchedulerClient({});
    const stop = { Name: `${id}-stop`, GroupName: 'tasks' };
    expect(await scheduler.send(new GetScheduleCommand(stop))).to.include({ ActionAfterCompletion: 'DELETE' });
    const again = await dispatch(world, { ...start, asked: '2026-11-20T03:00:00Z', interactive: true });
    expect(again).to.include({ outcome: 'refused', code: 'Busy' });

    const { nonce } = await readTask('tasks', group);
    const store = (result: TaskResult) =>
      new S3Client({ forcePathStyle: true }).send(
        new PutObjectCommand({ Bucket: 'logs', Key: resultKey(group, id), Body: JSON.stringify(result) }),
      );
    const finished = { 'detail-type': 'EFS Task Finished', time: asked } as const;
    // One who guesses the id can neither store a result nor say that the task is done.
    await store(resultOf(id, 'success'));
    await dispatch(world, { ...finished, detail: { id } });
    await dispatch(world, { action: 'janitor' });
    expect(await readRecord(world.table, id)).to.include({ State: 'running' });
    await store(resultOf(id, 'success', { nonce }));
    await dispatch(world, { ...finished, detail: { id, nonce } });
    await inState('Terminating:Wait');
    await tell('EC2 Instance-terminate Lifecycle Action', instance);
    await eventually(async () => ((await instances()).length === 0 ? true : undefined));
    await tell('EC2 Instance Terminate Successful', instance);

    expect(await readRecord(world.table, id)).to.include({
      State: 'ended',
      BackupStatus: 'success',
      NumberOfFiles: 10,
    });
    expect(await readHolder(world.table, group)).to.equal(undefined);
    expect(await scheduler.send(new GetScheduleCommand(stop)).catch((error: unknown) => String(error))).to.include(
      'ResourceNotFound',
    );
    expect((await aws.server().notifications()).map(({ subject }) => subject)).to.deep.equal([
      'Holdfast: EFS backup of files: success',
    ]);
  });

  it('sends the command that ends the program, and lets the instance go when it is over', async () => {
    const asked = '2026-11-21T02:00:00Z';
    const next = 'backup-files-2026-11-21T020000Z';
    await dispatch(world, { action: 'start', fileSystem: 'files', task: 'backup', asked, interactive: false });
    const { id: instance } = await inState('Pending:Wait');
    await tell('EC2 Instance-launch Lifecycle Action', instance);
    await inState('InService');
    await dispatch(world, { action: 'stop', id: next });
    await inState('Terminating:Wait');
    await tell('EC2 Instance-terminate Lifecycle Action', instance);
    expect(await readRecord(world.table, next)).to.have.property('ShutdownCommand');
    await eventually(async () => {
      await dispatch(world, { action: 'follow', id: next, attempt: 1 });
      return (await instances()).length === 0 ? true : undefined;
    });
    await tell('EC2 Instance Terminate Successful', instance);
    const ended = await readRecord(world.table, next);
    expect(ended).to.include({ State: 'ended', BackupStatus: 'unknown', StopReason: 'window' });
  });

  it('goes by as the janitor', async () => {
    await dispatch(world, { action: 'janitor' });
  });
});
