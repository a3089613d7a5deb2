import { expect } from 'chai';
import { files, firstId as id, group, stageOf } from './stage.ts';

describe('one EFS backup', () => {
  it('starts an instance, lets it work, and tells how it ended', async () => {
    const stage = stageOf();
    const { scene } = stage;
    expect(await stage.start()).to.deep.equal({ outcome: 'started', id });
    expect(scene.schedules).to.deep.equal({
      [`${id}-stop`]: { time: '2026-11-20T04:45:00.000Z', message: { action: 'stop', id } },
    });
    await stage.settle();
    expect(scene.instances).to.deep.include({ id: 'i-1', state: 'InService', program: true });
    stage.endProgram();
    await stage.settle();
    expect(scene).to.deep.include({ desired: 0, instances: [], schedules: {}, commands: [] });
    expect(scene.items[`lock#${group}`]).to.equal(undefined);
    expect(scene.items[id]).to.deep.include({
      BackupStatus: 'success',
      IntervalTag: files.interval,
      RetainPeriod: 7,
      SourceEfsSize: 1000,
      SourceBurstCreditBalance: 2_000_000_000,
      SourceBurstCreditBalancePostBackup: 2_000_000_000,
      InstanceId: 'i-1',
      InstanceType: 't4g.small',
      NumberOfFiles: 10,
      TotalTransferredFileSize: 100,
      LogLocation: `s3://logs/efs/results/${group}/${id}/`,
    });
    expect(scene.told.map(({ subject }) => subject)).to.deep.equal(['Holdfast: EFS backup of files: success']);
    expect(stage.measured[0]).to.deep.include({ fileSystem: 'files' });
    expect(stage.measured[0]!.metrics).to.deep.include({
      Succeeded: { unit: 'Count', value: 1 },
      Bytes: { unit: 'Bytes', value: 1000 },
    });
  });

  it('is stopped in good order before its window ends', async () => {
    const stage = stageOf(undefined, { result: 'incomplete', command: 'works' });
    await stage.start();
    await stage.settle();
    await stage.fire(`${id}-stop`);
    await stage.settle();
    expect(stage.scene.commands).to.deep.equal(['i-1']);
    expect(stage.scene.items[id]).to.include({ BackupStatus: 'incomplete', State: 'ended', StopReason: 'window' });
    expect(stage.scene.told).to.have.lengthOf(1);
  });
});
