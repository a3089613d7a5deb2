import { expect } from 'chai';
import type { TaskResult } from '#core/filesystems/task.ts';
import { firstId as id, group, later, type Stage } from './stage.ts';

/** Lets everything come to its end: what is under way arrives, time passes, the janitor comes by. */
async function comeToEnd(stage: Stage): Promise<void> {
  const { scene } = stage;
  for (let pass = 0; pass < 4; pass++) {
    await stage.settle();
    for (const name of Object.keys(scene.schedules)) await stage.fire(name);
    await stage.settle();
    scene.now = later(scene.now, 240);
    await stage.send({ action: 'janitor' });
  }
  await stage.settle();
}

/** Nothing is left behind, one message was sent, no success without one, and the next task can start. */
export async function mustEndWell(stage: Stage, mostMessages = 1): Promise<void> {
  const { scene } = stage;
  await comeToEnd(stage);
  expect(scene.instances, 'instances that a hook still holds').to.deep.equal([]);
  expect(scene.desired, 'instances that are wanted').to.equal(0);
  expect(scene.items[`lock#${group}`], 'the lock').to.equal(undefined);
  expect(scene.schedules, 'schedules').to.deep.equal({});
  const record = scene.items[id]!;
  expect(record).to.deep.include({ State: 'ended' });
  expect(record['Announced']).to.be.a('string');
  const ofOthers = Object.values(scene.items).filter((item) => item !== record && item['Refused'] !== true).length;
  expect(scene.told.length, 'messages').to.be.within(1 + ofOthers, mostMessages + ofOthers);
  const result = scene.results[id] as TaskResult | undefined;
  if (record['BackupStatus'] === 'success') expect(result?.status).to.equal('success');
  if (record['BackupStatus'] === 'incomplete') expect(result?.status).to.equal('incomplete');
  const again = await stage.start();
  expect(again.outcome, JSON.stringify(again)).to.equal('started');
}
