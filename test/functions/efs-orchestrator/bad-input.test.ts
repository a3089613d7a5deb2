import { expect } from 'chai';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import type { ResultOwner } from '#core/filesystems/results.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { World } from '../../../functions/efs-orchestrator/world.ts';
import { mustEndWell } from './end-well.ts';
import { files, firstId as id, group, resultOf, stageOf, succeeding, type Manner, type Stage } from './stage.ts';

/** Starts by schedule where something is wrong, lets all come to its end, and says what a person reads. */
async function messageOf({
  settings,
  manner = succeeding,
  change = () => undefined,
  during = () => undefined,
}: {
  settings?: Partial<FileSystemSettings>;
  manner?: Manner;
  change?: (world: World, stage: Stage) => void;
  during?: (stage: Stage) => Promise<void> | undefined;
}): Promise<string> {
  const stage = stageOf(undefined, manner, { ...files, ...settings });
  const { told } = stage.scene;
  change(stage.world, stage);
  await stage.start();
  await stage.settle();
  await during(stage);
  await stage.settle();
  expect(stage.scene.items[id]?.['State'], 'it must be over by itself').to.equal('ended');
  expect(told, 'messages').to.have.lengthOf(1);
  const [{ subject, text } = { subject: '', text: '' }] = told;
  expect(subject).to.match(/^Holdfast: EFS backup of files: [ -~]+$/);
  expect(stage.scene.items[`lock#${group}`], 'the lock').to.equal(undefined);
  return `${subject}\n${text}`;
}

const window = (stage: Stage): Promise<void> => stage.fire(`${id}-stop`);
const ends = (stage: Stage): undefined => {
  stage.endProgram();
};

describe('what people read about an EFS backup', () => {
  it('where a mount target is missing', async () => {
    const read = await messageOf({
      change: ({ storage }) => {
        storage.mountTargets = () => Promise.resolve([{ zone: 'us-east-1a', state: 'available' }]);
      },
    });
    expect(read).to.include('of files: unsuccessful');
    expect(read).to.include('mount target not found: fs-0000000a has none in us-east-1b');
    expect(read).to.include('Create a mount target in a subnet of that zone');
  });

  it('where the subnets are in other zones than all mount targets', async () => {
    const read = await messageOf({
      change: ({ storage }) => {
        storage.mountTargets = () => Promise.resolve([{ zone: 'us-east-1f', state: 'available' }]);
      },
    });
    expect(read).to.include('has none in us-east-1a').and.to.include('take the zone from the subnets');
  });

  it('where a mount target is not ready', async () => {
    const read = await messageOf({
      change: ({ storage }) => {
        storage.mountTargets = () =>
          Promise.resolve(['us-east-1a', 'us-east-1b'].map((zone) => ({ zone, state: 'creating' })));
      },
    });
    expect(read).to.include('the mount target of fs-0000000a in us-east-1a is creating, not available');
  });

  it('where there is no capacity in any zone until the window ends', async () => {
    const launchProblem =
      'We currently do not have sufficient t4g.small capacity in the Availability Zone (us-east-1a)';
    const read = await messageOf({ manner: { ...succeeding, launchProblem }, during: window });
    expect(read).to.include('of files: unsuccessful');
    expect(read).to.include(`no instance could be started before the window ended: ${launchProblem}`);
  });

  it('where the instance cannot be launched at all, at once', async () => {
    const launchProblem = 'The subnet ID subnet-1 does not exist. Launching EC2 instance failed.';
    const read = await messageOf({ manner: { ...succeeding, launchProblem } });
    expect(read).to.include(`no instance could be started: ${launchProblem}`);
  });

  it("where Systems Manager's agent is silent", async () => {
    const read = await messageOf({ manner: { result: undefined, command: 'silent' }, during: window });
    expect(read).to.include('of files: unknown');
    expect(read).to.include('ended without a result: the Systems Manager agent on i-1 does not respond');
  });

  it('where the command to the instance is not delivered', async () => {
    const read = await messageOf({
      manner: { result: undefined, command: 'fails' },
      during: async (stage) => {
        await window(stage);
        await stage.settle();
        await stage.fire(`${id}-follow-1`);
      },
    });
    expect(read).to.include('the command to end its program failed: Delivery Timed Out');
  });

  it('where the destination is full', async () => {
    const problem = { code: 'CopyFailed', message: 'rsync: write failed: No space left on device (28)' };
    const read = await messageOf({
      change: (world) => {
        const { results } = world;
        const read = async (of: ResultOwner) => (await results.read(of)) && resultOf(id, 'failed', { problem });
        world.results = { ...results, read };
      },
      during: ends,
    });
    expect(read).to.include('of files: failed').and.to.include('No space left on device');
    expect(read).to.include('The previous snapshot is still the newest.');
  });

  it('where burst credits are used up, though all went well', async () => {
    const read = await messageOf({
      change: ({ storage }) => {
        storage.metric = () => Promise.resolve(0);
      },
      during: ends,
    });
    expect(read).to.include('of files: success').and.to.include('the burst credits of fs-0000000a are used up');
  });

  it('where the window is too short', async () => {
    const read = await messageOf({ settings: { windowMinutes: 20 } });
    expect(read).to.include('the window of 20 minutes is too short').and.to.include('at least 60 minutes');
  });

  it('where source and destination are the same', async () => {
    const read = await messageOf({ settings: { vault: { id: 'fs-0000000a' } } });
    expect(read).to.include('source and destination are the same file system, fs-0000000a');
  });

  it('where the file system is gone', async () => {
    const read = await messageOf({
      change: ({ storage }) => {
        storage.look = (name) =>
          Promise.reject(new HoldfastError('SourceMissing', `the file system ${name}: it does not exist`));
      },
    });
    expect(read).to.include('SourceMissing: the file system fs-0000000a: it does not exist');
  });

  it('where older snapshots could not all be removed', async () => {
    const read = await messageOf({
      change: (world) => {
        const { results } = world;
        const read = async (of: ResultOwner) =>
          (await results.read(of)) && resultOf(id, 'success', { removed: { snapshots: [], complete: false } });
        world.results = { ...results, read };
      },
      during: ends,
    });
    expect(read).to.include('of files: delete stage incomplete').and.to.include('2026-11-20T020000Z is stored');
  });
});

describe('a start that is refused', () => {
  it('says what is under way, and leaves it alone', async () => {
    const stage = stageOf();
    await stage.start();
    const answer = await stage.start({ asked: '2026-11-20T02:30:00Z', interactive: true });
    expect(answer).to.include({ outcome: 'refused', code: 'Busy' });
    expect(JSON.stringify(answer)).to.include(`in progress: ${id}, since 2026-11-20T02:00:00.000Z`);
    expect(stage.scene).to.deep.include({ desired: 1, told: [] });
    stage.endProgram();
    await mustEndWell(stage);
  });

  it('is told to people where it came by schedule, once though it came twice', async () => {
    const stage = stageOf();
    await stage.start();
    for (let time = 0; time < 2; time++) await stage.start({ asked: '2026-11-21T02:00:00Z' });
    expect(stage.scene.told.map(({ text }) => text).join()).to.include(
      'another task of this file system is in progress',
    );
    expect(stage.scene.told).to.have.lengthOf(1);
  });

  it('is tried again where AWS fails for a moment, and then starts', async () => {
    const stage = stageOf();
    const { schedules } = stage.world;
    const create = () => Promise.reject(new HoldfastError('Unavailable', 'throttled', { transient: true }));
    stage.world.schedules = { ...schedules, create };
    const failure = await stage.start().catch((error: unknown) => error);
    expect(failure).to.include({ code: 'Unavailable' });
    stage.world.schedules = schedules;
    expect(await stage.start({ asked: stage.scene.now })).to.deep.equal({ outcome: 'started', id });
    expect(stage.scene.desired).to.equal(1);
  });

  it('restores neither into the file system of the snapshots nor deletes in a new folder', async () => {
    const stage = stageOf();
    const into = await stage.start({ task: 'restore', to: 'fs-0000000b', interactive: true });
    expect(into).to.include({ outcome: 'refused', code: 'Usage' });
    const deleting = await stage.start({
      task: 'restore',
      delete: true,
      interactive: true,
      asked: '2026-11-20T03:00:00Z',
    });
    expect(deleting).to.include({ outcome: 'refused', code: 'Usage' });
    expect(stage.scene.desired).to.equal(0);
  });
});
