import { expect } from 'chai';
import { announce } from '../../../functions/efs-orchestrator/announce.ts';
import type { BusEvent } from '../../../functions/efs-orchestrator/events.ts';
import { mustEndWell } from './end-well.ts';
import { firstId as id, group, later, stageOf, succeeding, type Stage } from './stage.ts';

const launch = (instance: string) =>
  ({
    'detail-type': 'EC2 Instance-launch Lifecycle Action',
    time: '2026-11-20T02:10:00Z',
    detail: { AutoScalingGroupName: group, EC2InstanceId: instance },
  }) as const;

/** A backup whose instance works. */
async function running(): Promise<Stage> {
  const stage = stageOf();
  await stage.start();
  await stage.settle();
  return stage;
}

describe('an instance that the EFS orchestrator does not expect', () => {
  it('is let go beside the one that works, which goes on', async () => {
    const stage = await running();
    stage.scene.instances.push({ id: 'i-2', state: 'Pending:Wait', program: false });
    await stage.send(launch('i-2'));
    expect(stage.scene.instances.map((instance) => instance.id)).to.deep.equal(['i-1']);
    expect(stage.scene.desired).to.equal(1);
    expect(stage.scene.items[id]).to.include({ State: 'running', InstanceId: 'i-1' });
  });

  it('ends the task where it came in the place of one that is gone', async () => {
    const stage = await running();
    stage.scene.instances = [{ id: 'i-2', state: 'Pending:Wait', program: false }];
    await stage.send(launch('i-2'));
    await stage.settle();
    expect(stage.scene).to.deep.include({ desired: 0, instances: [] });
    expect(stage.scene.items[id]).to.include({ State: 'ended', BackupStatus: 'unknown' });
  });

  it('is not followed by another where there is no task', async () => {
    const stage = stageOf();
    stage.scene.desired = 1;
    stage.scene.instances = [{ id: 'i-1', state: 'Pending:Wait', program: false }];
    await stage.send(launch('i-1'));
    await stage.settle();
    expect(stage.scene).to.deep.include({ desired: 0, instances: [] });
  });

  it('is not started in the place of one that ends, or has ended', async () => {
    const stage = await running();
    stage.scene.instances[0]!.state = 'Terminating:Wait';
    await stage.send({ ...launch('i-1'), 'detail-type': 'EC2 Instance-terminate Lifecycle Action' });
    expect(stage.scene.desired).to.equal(0);
    const other = await running();
    other.scene.instances = [];
    await other.send({ ...launch('i-1'), 'detail-type': 'EC2 Instance Terminate Successful' });
    expect(other.scene.desired).to.equal(0);
  });

  it('is not started by a start that comes again after the stop', async () => {
    const stage = await running();
    const asked = stage.scene.now;
    await stage.send({ action: 'stop', id });
    expect(await stage.start({ asked })).to.deep.equal({ outcome: 'started', id });
    expect(stage.scene.desired).to.equal(0);
    expect(stage.scene.items[id]).to.include({ State: 'stopping' });
  });
});

describe('a backup of EFS that is at work', () => {
  const about = { time: '2026-11-20T02:10:00Z', detail: { AutoScalingGroupName: group, EC2InstanceId: 'i-1' } };
  const events: BusEvent[] = [
    { 'detail-type': 'EFS Task Finished', time: about.time, detail: { id } },
    { 'detail-type': 'EFS Task Finished', time: about.time, detail: { id, nonce: '0'.repeat(32) } },
    { 'detail-type': 'EC2 Instance-terminate Lifecycle Action', ...about },
    { 'detail-type': 'EC2 Instance Terminate Successful', ...about },
    { 'detail-type': 'EC2 Instance Terminate Unsuccessful', ...about },
  ];
  for (const event of events)
    it(`goes on though somebody says ${event['detail-type']}${'id' in event.detail ? `, ${event.detail.nonce === undefined ? 'without' : 'with a wrong'} random word` : ''}`, async () => {
      const stage = await running();
      await stage.send(event);
      await stage.settle();
      expect(stage.scene.instances).to.deep.include({ id: 'i-1', state: 'InService', program: true });
      expect(stage.scene.items[id]).to.include({ State: 'running', InstanceId: 'i-1' });
    });

  it('has the instance that its group has, whatever launch somebody reports', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.send(launch('i-666'));
    await stage.settle();
    expect(stage.scene.items[id]).to.include({ State: 'running', InstanceId: 'i-1' });
  });
});

describe('the message about an EFS task', () => {
  async function ended(): Promise<Stage> {
    const stage = await running();
    const { told } = stage.scene;
    stage.world.publish = () => Promise.reject(new Error('SNS is away'));
    stage.endProgram();
    await stage.settle().catch(() => undefined);
    await stage.settle().catch(() => undefined);
    stage.world.publish = (message) => Promise.resolve(void told.push(message));
    expect(stage.scene.items[id]).to.include({ State: 'ended' });
    expect(stage.scene.told).to.deep.equal([]);
    return stage;
  }

  it('is sent after all where it could not be sent at first, and then no more', async () => {
    const { scene, world } = await ended();
    await announce(world, { BackupId: id });
    await announce(world, { BackupId: id });
    scene.now = later(scene.now, 60);
    await announce(world, { BackupId: id });
    expect(scene.told).to.have.lengthOf(1);
  });

  it('is sent by one of those who come at once', async () => {
    const { scene, world } = await ended();
    await Promise.all([1, 2, 3].map(() => announce(world, { BackupId: id })));
    expect(scene.told).to.have.lengthOf(1);
  });
});

describe('the janitor of EFS', () => {
  const janitor = (stage: Stage) => stage.send({ action: 'janitor' });

  it('takes away a lock whose task is forgotten', async () => {
    const stage = stageOf();
    stage.scene.items[`lock#${group}`] = { BackupId: `lock#${group}`, Running: 'backup-files-forgotten' };
    await janitor(stage);
    expect((await stage.start()).outcome).to.equal('started');
  });

  it('wants no instance where there is no task', async () => {
    const stage = stageOf(undefined, { ...succeeding, launchProblem: 'no' });
    stage.scene.desired = 1;
    await janitor(stage);
    expect(stage.scene.desired).to.equal(0);
  });

  it('stops what is past its time, where the schedule got lost', async () => {
    const stage = await running();
    stage.scene.schedules = {};
    stage.scene.now = later(stage.scene.now, 160);
    await janitor(stage);
    expect(stage.scene.items[id]).to.include({ State: 'running' });
    stage.scene.now = later(stage.scene.now, 10);
    await janitor(stage);
    expect(stage.scene.items[id]).to.include({ State: 'stopping', StopReason: 'window' });
    await mustEndWell(stage);
  });

  it('ends an instance whose program is done, where its word got lost', async () => {
    const stage = await running();
    stage.endProgram();
    stage.scene.events = [];
    await janitor(stage);
    await stage.settle();
    expect(stage.scene.items[id]).to.include({ BackupStatus: 'success', StopReason: 'finished' });
  });

  it('closes a task that was interrupted while it began, and tells of it', async () => {
    const stage = await running();
    stage.scene.items[id] = { ...stage.scene.items[id]!, State: 'starting' };
    const other = stageOf();
    other.scene.items[id] = { ...stage.scene.items[id], InstanceId: undefined };
    await janitor(other);
    expect(other.scene.items[id]).to.include({ State: 'starting' });
    other.scene.now = later(other.scene.now, 20);
    await janitor(other);
    expect(other.scene.items[id]).to.include({ State: 'ended', BackupStatus: 'unsuccessful' });
    expect(other.scene.told[0]!.text).to.include('it was interrupted while it started');
  });
});
