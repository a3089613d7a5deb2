import { expect } from 'chai';
import { messageSchema } from '#core/filesystems/messages.ts';
import { parse } from '#core/runtime/schema.ts';
import { busEventSchema } from '../../../functions/efs-orchestrator/events.ts';
import { failureIn } from '../../support/streams.ts';
import { files, firstId as id, later, stageOf } from './stage.ts';

/** As EventBridge sends it. */
const event = (kind: string, detail: object, source = 'aws.autoscaling'): unknown => ({
  version: '0',
  id: '1d3d2f5c',
  'detail-type': kind,
  source,
  account: '123456789012',
  time: '2026-11-20T02:10:00Z',
  region: 'us-west-2',
  resources: ['auto-scaling-group-arn'],
  detail: { LifecycleActionToken: '87654321', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', ...detail },
});

const of = { AutoScalingGroupName: files.group, EC2InstanceId: 'i-1' };

describe('what reaches the EFS orchestrator', () => {
  it('is read as AWS sends it', () => {
    for (const kind of [
      'EC2 Instance-launch Lifecycle Action',
      'EC2 Instance-terminate Lifecycle Action',
      'EC2 Instance Terminate Successful',
      'EC2 Instance Terminate Unsuccessful',
      'EC2 Instance Launch Unsuccessful',
    ])
      expect(parse(busEventSchema, event(kind, of), 'the event').detail).to.include({
        AutoScalingGroupName: files.group,
      });
    expect(parse(busEventSchema, event('EFS Task Finished', { id }, 'holdfast.efs'), 'the event').detail).to.include({
      id,
    });
  });

  it('is refused where it is something else', () => {
    for (const other of [{}, 'text', event('EC2 Instance Launch Successful', of), event('EFS Task Finished', {})])
      expect(failureIn(() => parse(busEventSchema, other, 'the event')).code).to.equal('ConfigurationInvalid');
    for (const other of [{ action: 'stop' }, { action: 'destroy' }, { action: 'start', fileSystem: 'files', more: 1 }])
      expect(failureIn(() => parse(messageSchema, other, 'the message')).code).to.equal('ConfigurationInvalid');
  });

  it('is left alone where it is of a group of somebody else', async () => {
    const stage = stageOf();
    await stage.start();
    const detail = { ...of, AutoScalingGroupName: 'other' };
    await stage.send(parse(busEventSchema, event('EC2 Instance Terminate Successful', detail), 'the event'));
    expect(stage.scene.items[id]).to.include({ State: 'running' });
  });

  it('ends no task where it is late, and of an instance of the task before', async () => {
    for (const [kind, more] of [
      ['EC2 Instance Terminate Successful', {}],
      ['EC2 Instance Launch Unsuccessful', { StatusMessage: 'no such image' }],
    ] as const) {
      const stage = stageOf();
      stage.scene.now = later(stage.scene.now, 24 * 60);
      const { id: next } = await stage.start();
      const late = event(kind, { ...of, EC2InstanceId: 'i-0', ...more });
      await stage.send(parse(busEventSchema, late, 'the event'));
      expect(stage.scene.items[next], kind).to.include({ State: 'running' });
      // Once the instance is known, its time is of no account.
      await stage.settle();
      await stage.send(parse(busEventSchema, { ...(late as object), time: later(stage.scene.now, 1) }, 'the event'));
      if (kind === 'EC2 Instance Terminate Successful')
        expect(stage.scene.items[next]).to.include({ State: 'running', InstanceId: 'i-1' });
    }
  });

  it('ends no task for a launch that failed before another one did not', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.settle();
    const failed = event('EC2 Instance Launch Unsuccessful', { ...of, EC2InstanceId: '', StatusMessage: 'no' });
    await stage.send(parse(busEventSchema, failed, 'the event'));
    expect(stage.scene.items[id]).to.include({ State: 'running' });
  });

  it('is answered for an instance of another task at once, which hurts nobody', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.settle();
    stage.scene.instances.push({ id: 'i-0', state: 'Terminating:Wait', program: false });
    const old = { ...of, EC2InstanceId: 'i-0' };
    await stage.send(parse(busEventSchema, event('EC2 Instance-terminate Lifecycle Action', old), 'the event'));
    expect(stage.scene.instances.map((instance) => instance.id)).to.deep.equal(['i-1']);
    expect(stage.scene.desired).to.equal(1);
  });
});

describe('how good the last EFS backup is', () => {
  it('is measured by every pass of the janitor, restores not counted', async () => {
    const stage = stageOf();
    await stage.send({ action: 'janitor' });
    const hours = () => stage.measured.at(-1)!.metrics['HoursSinceSuccess']?.value;
    expect(hours()).to.equal(8760);
    await stage.start();
    await stage.settle();
    stage.endProgram();
    await stage.settle();
    stage.scene.now = later(stage.scene.now, 90);
    await stage.send({ action: 'janitor' });
    expect(hours()).to.equal(1.5);
    await stage.start({ task: 'restore' });
    await stage.settle();
    stage.endProgram();
    await stage.settle();
    stage.scene.now = later(stage.scene.now, 90);
    await stage.send({ action: 'janitor' });
    expect(hours()).to.equal(3);
  });
});
