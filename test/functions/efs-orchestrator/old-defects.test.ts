import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import { mustEndWell } from './end-well.ts';
import { firstId as id, group, later, stageOf } from './stage.ts';

/** What the EFS-to-EFS solution did wrong in its orchestrator; the rest is in test/layers/core/filesystems/old-defects.test.ts. */
describe('old defects of the EFS orchestrator', () => {
  it('a warm function reuses the id of the backup before', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.settle();
    stage.endProgram();
    await stage.settle();
    stage.scene.now = later(stage.scene.now, 24 * 60);
    const second = await stage.start();
    expect(second.id).to.equal('backup-files-2026-11-21T020000Z');
    await stage.settle();
    expect(stage.scene.items[id]).to.include({ InstanceId: 'i-1', BackupStatus: 'success' });
    expect(stage.scene.items[second.id]).to.include({ InstanceId: 'i-2', State: 'running' });
    // What belongs to the first one comes late, and finds it ended.
    await stage.send({ action: 'stop', id });
    expect(stage.scene.desired).to.equal(1);
  });

  it('a failed read of the table is taken for an item', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.settle();
    const { table } = stage.world;
    const get = () => Promise.reject(new HoldfastError('Unavailable', 'the table cannot be read'));
    stage.world.table = { ...table, get };
    const failure = await stage.send({ action: 'follow', id, attempt: 1 }).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'Unavailable' });
    stage.world.table = table;
    await mustEndWell(stage);
  });

  it('a missing stop trigger crashes the handler, and the hook waits for an hour', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.settle();
    await stage.world.schedules.remove(`${id}-stop`);
    stage.endProgram();
    await stage.settle();
    expect(stage.scene.items[id]).to.include({ State: 'ended', BackupStatus: 'success' });
    expect(stage.scene.instances).to.deep.equal([]);
  });

  it('a stop trigger that cannot be removed keeps the lock', async () => {
    const stage = stageOf();
    await stage.start();
    await stage.settle();
    stage.world.schedules.remove = () => Promise.reject(new Error('no'));
    stage.endProgram();
    await stage.settle();
    expect(stage.scene.items[`lock#${group}`]).to.equal(undefined);
    expect(stage.scene.told).to.have.lengthOf(1);
  });

  it('the time to live is written as a string, and never expires', async () => {
    const stage = stageOf();
    await stage.start();
    const inNinetyDays = Date.parse('2027-02-18T02:00:00Z') / 1000;
    expect(stage.scene.items[id]!['ExpireItem']).to.equal(inNinetyDays);
  });

  it('a missing datapoint of burst credits breaks the update of the item', async () => {
    const stage = stageOf();
    stage.world.storage.metric = () => Promise.resolve(undefined);
    await stage.start();
    await stage.settle();
    stage.endProgram();
    await stage.settle();
    expect(stage.scene.items[id]).to.include({ BackupStatus: 'success' });
    expect(stage.scene.items[id]).to.not.have.any.keys(
      'SourceBurstCreditBalance',
      'SourceBurstCreditBalancePostBackup',
    );
  });

  it('CloudWatch that cannot be asked stops the backup', async () => {
    const stage = stageOf();
    stage.world.storage.metric = () => Promise.reject(new Error('throttled'));
    expect(await stage.start()).to.include({ outcome: 'started' });
  });

  it('a failed copy is reported as a window that expired', async () => {
    const stage = stageOf(undefined, { result: 'failed', command: 'works' });
    await stage.start();
    await stage.settle();
    await stage.fire(`${id}-stop`);
    await stage.settle();
    const [told] = stage.scene.told;
    expect(told!.subject).to.equal('Holdfast: EFS backup of files: failed');
    expect(told!.text).to.include('rsync ended with 23').and.not.include('window ended');
  });

  it('a copy that left no result is reported as done', async () => {
    const stage = stageOf(undefined, { result: undefined, command: 'works' });
    await stage.start();
    await stage.settle();
    stage.endProgram();
    await stage.settle();
    await stage.send({ action: 'follow', id, attempt: 1 });
    await stage.settle();
    expect(stage.scene.items[id]).to.include({ BackupStatus: 'unknown' });
    expect(stage.measured.at(-1)!.metrics).to.deep.include({ Failed: { unit: 'Count', value: 1 } });
  });

  it('a restore sends metrics that nobody can turn off', async () => {
    const stage = stageOf();
    await stage.start({ task: 'restore' });
    await stage.settle();
    stage.endProgram();
    await stage.settle();
    expect(stage.scene.told).to.have.lengthOf(1);
    expect(stage.measured).to.deep.equal([]);
  });

  it('the lifecycle action is left open where the shutdown fails', async () => {
    const stage = stageOf(undefined, { result: undefined, command: 'silent' });
    await stage.start();
    await stage.settle();
    const answers: string[] = [];
    const { groups } = stage.world;
    stage.world.groups = {
      ...groups,
      complete: (of, hook, instance, answer) => {
        answers.push(`${hook} ${instance} ${answer}`);
        return groups.complete(of, hook, instance, answer);
      },
    };
    await stage.fire(`${id}-stop`);
    await stage.settle();
    expect(answers).to.deep.equal(['terminate i-1 ABANDON']);
  });
});
