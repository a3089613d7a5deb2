import { changeRecord, readRecord, type BackupRecord, type RecordChanges } from '#core/filesystems/records.ts';
import { finish } from './finish.ts';
import type { World } from './world.ts';

type Why = Pick<RecordChanges, 'StopReason' | 'LaunchProblem'>;

/** The window is about to end: whatever runs is stopped in good order. */
export async function stop(world: World, id: string): Promise<void> {
  const record = await beginStop(world, id, { StopReason: 'window' });
  if (record) await empty(world, record);
}

/**
 * Has a task end. The first reason stays.
 * @returns the task, where it is not over yet
 */
export async function beginStop(world: World, id: string, why: Why): Promise<BackupRecord | undefined> {
  const stopped = await changeRecord(world.table, id, ['starting', 'running'], { ...why, State: 'stopping' });
  if (stopped) world.log('info', 'stopping', { id, why: why.StopReason });
  const record = stopped ?? (await readRecord(world.table, id));
  return record?.State === 'stopping' ? record : undefined;
}

/** Empties the group of a task that stops; where it is empty already, no event will come, and the task is over. */
export async function empty(world: World, { BackupId, Group }: BackupRecord): Promise<void> {
  const { desired, instances } = await world.groups.look(Group);
  if (desired > 0) await world.groups.ask(Group, 0);
  if (instances.length === 0) await finish(world, BackupId);
}
