import {
  allRecords,
  readHolder,
  readLock,
  releaseLock,
  type BackupRecord,
  type Problem,
} from '#core/filesystems/records.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import { messageOf } from '#core/runtime/errors.ts';
import { conclude, finish } from './finish.ts';
import { hoursSinceSuccess } from './freshness.ts';
import { hasResult } from './has-result.ts';
import { endProgram, launching, terminating } from './instances.ts';
import { follow } from './shut-down.ts';
import { empty, stop } from './stop.ts';
import type { Instance, World } from './world.ts';

/** How long a start may take before it is taken for dead: longer than an invocation and its repetitions last. */
const startMs = 15 * 60_000;

/**
 * Looks at what is there, and does what events that got lost would have done. Every event may come late or never, and
 * every invocation may die halfway; here all of that comes to an end.
 * @throws what went wrong first, once every file system had its turn
 */
export async function janitor(world: World): Promise<void> {
  const problems: unknown[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      world.log('warn', 'could not be repaired', { what, reason: messageOf(error) });
      problems.push(error);
    }
  };
  for (const settings of world.fileSystems) await attempt(settings.name, () => repair(world, settings));
  await attempt('records', async () => {
    const records: BackupRecord[] = [];
    for await (const record of allRecords(world.table, (id, error) =>
      world.log('warn', 'an item cannot be read', { id, reason: messageOf(error) }),
    ))
      records.push(record);
    for (const record of records) await attempt(record.BackupId, () => repairRecord(world, record));
    for (const { name } of world.fileSystems)
      world.measure(name, {
        HoursSinceSuccess: { unit: 'NoUnit', value: hoursSinceSuccess(records, name, world.now()) },
      });
  });
  if (problems.length > 0) throw problems[0];
}

/** A task that is over but was not announced, or that lost its group. */
async function repairRecord(world: World, record: BackupRecord): Promise<void> {
  const { BackupId: id, State, Group, BackupStartTime, Announced } = record;
  if (State === 'ended') {
    if (Announced === undefined) await conclude(world, id);
    return;
  }
  if ((await readLock(world.table, Group)) === id) return;
  if (since(world, BackupStartTime) > startMs) await finish(world, id, lost);
}

const lost: Problem = {
  code: 'Unexpected',
  message: 'it was interrupted while it started, and was cleaned up',
  advice: 'The log of the orchestrator shows why. Start it again, or wait for the next scheduled one.',
};

async function repair(world: World, settings: FileSystemSettings): Promise<void> {
  const { group } = settings;
  const id = await readLock(world.table, group);
  const holder = await readHolder(world.table, group);
  if (id !== undefined && !holder) await releaseLock(world.table, group, id);
  if (!holder || holder.State === 'ended') {
    await clear(world, settings);
    if (holder) await conclude(world, holder.BackupId);
    return;
  }
  await goOn(world, settings, holder);
}

/** Ends what runs in a group that no task has. */
async function clear(world: World, settings: FileSystemSettings): Promise<void> {
  const { desired, instances } = await world.groups.look(settings.group);
  if (desired === 0 && instances.length === 0) return;
  world.log('warn', 'a group with no task is emptied', { group: settings.group, desired, instances });
  if (desired > 0) await world.groups.ask(settings.group, 0);
  for (const instance of instances) await release(world, settings, instance);
}

async function release(world: World, settings: FileSystemSettings, { id, state }: Instance): Promise<void> {
  if (state === 'Pending:Wait') await launching(world, settings, id);
  if (state === 'Terminating:Wait') await terminating(world, settings, id);
}

/** Does for a task that is under way what its events should have done. */
async function goOn(world: World, settings: FileSystemSettings, record: BackupRecord): Promise<void> {
  const { BackupId: id, State, InstanceId, StopTime, BackupStartTime } = record;
  const { desired, instances } = await world.groups.look(settings.group);
  if (State === 'starting') {
    if (since(world, BackupStartTime) > startMs) await finish(world, id, lost);
    return;
  }
  for (const instance of instances) await release(world, settings, instance);
  if (instances.length === 0 && (State === 'stopping' || InstanceId !== undefined)) {
    await finish(world, id);
    return;
  }
  if (instances.length === 0 && desired === 0) {
    await finish(world, id, lost);
    return;
  }
  if (since(world, StopTime) > 0) await stop(world, id);
  else if (State === 'stopping')
    await (record.ShutdownBegan === undefined ? empty(world, record) : follow(world, id, undefined));
  else if (await hasResult(world, record)) await endProgram(world, id);
}

function since(world: World, time: string): number {
  return world.now().getTime() - Date.parse(time);
}
