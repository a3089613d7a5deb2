import { changeRecord, readRecord, type BackupRecord } from '#core/filesystems/records.ts';
import { findFileSystem } from '#core/filesystems/settings.ts';
import { messageOf } from '#core/runtime/errors.ts';
import { finish } from './finish.ts';
import { hasResult } from './has-result.ts';
import type { World } from './world.ts';

/** How often one looks. A schedule knows no less than a minute. */
const followMs = 60_000;

/**
 * The longest that a shutdown is waited for; the command itself may take 15 minutes on the instance, and a further
 * while to get there.
 */
const patienceMs = 20 * 60_000;

/**
 * Stops the program on an instance gracefully, unless it has ended already. A message to itself follows up.
 * A second request to stop does the program no harm.
 */
export async function shutDown(world: World, { BackupId }: BackupRecord, instance: string): Promise<void> {
  const began = world.now().toISOString();
  await changeRecord(world.table, BackupId, ['stopping'], { ShutdownBegan: began, InstanceId: instance }, [
    { attribute: 'ShutdownBegan', absent: true },
  ]);
  await follow(world, BackupId, 1);
}

/**
 * Checks how far the shutdown is, and lets the instance go when it is over; if the instance is gone, it is over, too.
 * @param next the number of the next look; none is planned where it is undefined
 */
export async function follow(world: World, id: string, next: number | undefined): Promise<void> {
  const record = await readRecord(world.table, id);
  if (record?.State !== 'stopping' || record.ShutdownBegan === undefined) return;
  const { instances } = await world.groups.look(record.Group);
  if (!instances.some((instance) => instance.id === record.InstanceId)) {
    await finish(world, id);
    return;
  }
  if (await hasResult(world, record)) {
    await letGo(world, record, 'CONTINUE');
    return;
  }
  // Before all else, so that a later invocation checks again even if this one is killed.
  if (next !== undefined) await scheduleFollow(world, id, next);
  const problem = await problemOf(world, record);
  if (problem === undefined) {
    const { hooks } = findFileSystem(world.fileSystems, record.FileSystem);
    await world.groups.heartbeat(record.Group, hooks.terminate, record.InstanceId ?? '');
    return;
  }
  world.log('warn', 'an instance ends without a result', { id, instance: record.InstanceId, why: problem });
  try {
    await changeRecord(world.table, id, ['stopping'], { ShutdownProblem: problem });
  } finally {
    await letGo(world, record, 'ABANDON');
  }
}

/** Why there is nothing to wait for any more; undefined where there is. */
async function problemOf(world: World, record: BackupRecord): Promise<string | undefined> {
  const { BackupId, ShutdownBegan = '', ShutdownCommand, InstanceId = '' } = record;
  if (world.now().getTime() - Date.parse(ShutdownBegan) > patienceMs) return 'it did not end within 20 minutes';
  try {
    if (ShutdownCommand === undefined) {
      const sent = await world.commands.shutDown(InstanceId);
      await changeRecord(world.table, BackupId, ['stopping'], { ShutdownCommand: sent });
      return undefined;
    }
    const { state, said } = await world.commands.look(ShutdownCommand, InstanceId);
    if (state === 'failed') return `the command to end its program failed: ${said}`;
    return state === 'done' ? 'its program ended without leaving a result' : undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function letGo(world: World, record: BackupRecord, answer: 'CONTINUE' | 'ABANDON'): Promise<void> {
  const { hooks } = findFileSystem(world.fileSystems, record.FileSystem);
  await world.groups.complete(record.Group, hooks.terminate, record.InstanceId ?? '', answer);
}

async function scheduleFollow(world: World, id: string, attempt: number): Promise<void> {
  const time = new Date(world.now().getTime() + followMs);
  await world.schedules.create(`${id}-follow-${attempt}`, time, { action: 'follow', id, attempt });
}
