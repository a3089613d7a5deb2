import { changeRecord, readHolder, readRecord, type BackupRecord } from '#core/filesystems/records.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import { conclude, finish } from './finish.ts';
import { follow, shutDown } from './shut-down.ts';
import { beginStop, empty } from './stop.ts';
import type { World } from './world.ts';

/** An instance starts. It may go on where it belongs to a task that runs, and to no other instance's. */
export async function launching(world: World, { group, hooks }: FileSystemSettings, instance: string): Promise<void> {
  const holder = await readHolder(world.table, group);
  const { instances } = await world.groups.look(group);
  const found = instances.find(({ id }) => id === instance);
  if (!found) {
    world.log('warn', 'the launch of an instance that the group does not have', { instance, group });
    return;
  }
  const { type } = found;
  const mine =
    holder &&
    (await changeRecord(
      world.table,
      holder.BackupId,
      ['starting', 'running'],
      { State: 'running', InstanceId: instance, ...(type === undefined ? {} : { InstanceType: type }) },
      [{ attribute: 'InstanceId', absentOr: instance }],
    ));
  if (mine) {
    await world.groups.complete(group, hooks.launch, instance, 'CONTINUE');
    return;
  }
  world.log('warn', 'an instance that no task needs', { instance, group });
  const first = instances.some(({ id }) => id === holder?.InstanceId && id !== instance);
  // Else Auto Scaling would start the next one in its place.
  if (!first) await world.groups.ask(group, 0);
  await world.groups.complete(group, hooks.launch, instance, 'ABANDON');
  // It came in the place of one that is gone, and with it the task.
  if (!first && holder) await finish(world, holder.BackupId);
}

/** An instance is about to end; its program may still run, and is given time to end in good order. */
export async function terminating(world: World, fileSystem: FileSystemSettings, instance: string): Promise<void> {
  const { group, hooks } = fileSystem;
  const holder = await readHolder(world.table, group);
  if (!holder || !belongs(holder, instance)) {
    await world.groups.complete(group, hooks.terminate, instance, 'CONTINUE');
    return;
  }
  if (await isAtWork(world, group, instance)) return;
  const record = await beginStop(world, holder.BackupId, { StopReason: 'instance' });
  if (!record) {
    await world.groups.complete(group, hooks.terminate, instance, 'CONTINUE');
    return;
  }
  await emptyGroup(world, group);
  await shutDown(world, record, instance);
}

/** An instance has ended, or could not be ended. Such an event may be late, and of an instance of an earlier task. */
export async function terminated(
  world: World,
  { group }: FileSystemSettings,
  { instance, time, problem }: { instance: string; time: string; problem?: string },
): Promise<void> {
  const holder = await readHolder(world.table, group);
  if (!holder) return;
  if (holder.State === 'ended') {
    await conclude(world, holder.BackupId);
    return;
  }
  if (!belongs(holder, instance) || (holder.InstanceId === undefined && isBefore(time, holder))) return;
  if (await isAtWork(world, group, instance)) return;
  if (problem !== undefined) {
    const ShutdownProblem = `Auto Scaling could not terminate it: ${problem}`;
    await changeRecord(world.table, holder.BackupId, ['starting', 'running', 'stopping'], { ShutdownProblem });
  }
  await finish(world, holder.BackupId);
}

/** No instance could be started. Auto Scaling goes on trying, in every zone that it has; only capacity can come back. */
export async function launchFailed(
  world: World,
  { group }: FileSystemSettings,
  { instance, problem, time }: { instance: string; problem: string; time: string },
): Promise<void> {
  const holder = await readHolder(world.table, group);
  // Where an instance is there, it was another try that failed.
  if (!holder || !belongs(holder, instance) || isBefore(time, holder)) return;
  world.log('warn', 'no instance could be started', { id: holder.BackupId, problem });
  if (/capacity/i.test(problem)) {
    await changeRecord(world.table, holder.BackupId, ['starting', 'running'], { LaunchProblem: problem });
    return;
  }
  const record = await beginStop(world, holder.BackupId, { StopReason: 'launch', LaunchProblem: problem });
  if (record) await empty(world, record);
}

/** Somebody says that the program on the instance has ended. It is believed where it comes from the task's own instance. */
export async function finished(world: World, { id, nonce }: { id: string; nonce?: string | undefined }): Promise<void> {
  const record = await readRecord(world.table, id);
  if (record?.Task.nonce === nonce) await endProgram(world, id);
  else world.log('warn', 'the end of a task that was not reported by its instance', { id });
}

/** The program on the instance has ended, or could not even begin; its result says which. */
export async function endProgram(world: World, id: string): Promise<void> {
  const record = await beginStop(world, id, { StopReason: 'finished' });
  if (!record) return;
  if (record.ShutdownBegan === undefined) await empty(world, record);
  else await follow(world, record.BackupId, undefined);
}

async function emptyGroup(world: World, group: string): Promise<void> {
  if ((await world.groups.look(group)).desired > 0) await world.groups.ask(group, 0);
}

/** Whether the group has the instance at work, whatever an event says of its end: then nothing is ended for it. */
async function isAtWork(world: World, group: string, instance: string): Promise<boolean> {
  const { instances } = await world.groups.look(group);
  const atWork = instances.some(({ id, state }) => id === instance && !state.startsWith('Terminat'));
  if (atWork) world.log('warn', 'the end of an instance that is at work', { instance, group });
  return atWork;
}

function belongs(record: BackupRecord, instance: string): boolean {
  return record.InstanceId === undefined || record.InstanceId === instance;
}

/** Times of events have whole seconds. */
function isBefore(time: string, record: BackupRecord): boolean {
  return Date.parse(time) < Math.floor(Date.parse(record.BackupStartTime) / 1000) * 1000;
}
