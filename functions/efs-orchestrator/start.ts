import type { StartAnswer, StartRequest } from '#core/filesystems/messages.ts';
import {
  changeRecord,
  createRecord,
  readHolder,
  readRecord,
  releaseLock,
  takeLock,
  type BackupRecord,
} from '#core/filesystems/records.ts';
import { findFileSystem, type FileSystemSettings } from '#core/filesystems/settings.ts';
import type { Task } from '#core/filesystems/task.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { check } from './check.ts';
import { finish, problemOf } from './finish.ts';
import { makeTask } from './make-task.ts';
import { stopSchedule } from './stop-schedule.ts';
import type { World } from './world.ts';

/** How long before its window ends whatever runs is stopped: time to end in good order, and for the instance to go. */
const stopBeforeMs = 15 * 60_000;

const dayMs = 86_400_000;
const keptDays = 90;

/**
 * Starts a task, unless something speaks against it. The same message may come again, and starts nothing twice.
 * @throws {HoldfastError} Usage, NotFound for what makes no sense; what may go away by itself, so that it is tried again
 */
export async function start(world: World, request: StartRequest): Promise<StartAnswer> {
  const settings = findFileSystem(world.fileSystems, request.fileSystem);
  const now = world.now();
  const asked = request.asked === undefined ? now : new Date(request.asked);
  const made = recordOf(makeTask(request, settings, asked, now), settings, request, now);
  await createRecord(world.table, made);
  const { BackupId: id } = made;
  const record = (await readRecord(world.table, id)) ?? made;
  if (record.State !== 'starting') return answerOf(record);
  try {
    await begin(world, settings, record);
    return { outcome: 'started', id };
  } catch (error) {
    if (willBeTriedAgain(error, request)) throw error;
    await changeRecord(world.table, id, ['starting'], { Refused: true });
    await finish(world, id, problemOf(error));
    return answerOf((await readRecord(world.table, id)) ?? record);
  }
}

/** A caller that waits for the answer tries again itself. */
function willBeTriedAgain(error: unknown, { interactive }: StartRequest): boolean {
  return !interactive && !(error instanceof HoldfastError && !error.transient);
}

async function begin(world: World, settings: FileSystemSettings, record: BackupRecord): Promise<void> {
  const { BackupId: id, Group, Task: task, StopTime } = record;
  const { table } = world;
  const holder = await readHolder(table, Group);
  if (holder && holder.BackupId !== id && holder.State !== 'ended') throw busy(holder);
  const known = await check(world, settings, task, holder?.BackupId === id);
  // One that has ended was interrupted before it gave the group back.
  if (holder?.State === 'ended') await releaseLock(table, Group, holder.BackupId);
  if (!(await takeLock(table, Group, id))) throw busy(await readHolder(table, Group));
  await changeRecord(table, id, ['starting'], known);
  await world.schedules.create(stopSchedule(id), new Date(StopTime), { action: 'stop', id });
  await world.groups.ask(Group, 1);
  await changeRecord(table, id, ['starting'], { State: 'running' });
  world.log('info', 'started', { id, source: task.source.id, vault: task.vault.id, stop: StopTime });
}

function busy(holder: BackupRecord | undefined): HoldfastError {
  const since = holder ? `: ${holder.BackupId}, since ${holder.BackupStartTime}` : '';
  return new HoldfastError('Busy', `another task of this file system is in progress${since}`, {
    advice: `Wait for its end${holder ? `, at ${holder.WindowEnds} at the latest` : ''}, and start again.`,
  });
}

function answerOf({ BackupId: id, Refused, Problem: problem }: BackupRecord): StartAnswer {
  if (Refused !== true || !problem) return { outcome: 'started', id };
  return { outcome: 'refused', id, ...problem };
}

function recordOf(
  task: Task,
  { name, group, label, interval, retain, windowMinutes, source, vault }: FileSystemSettings,
  { interactive }: StartRequest,
  now: Date,
): BackupRecord {
  return {
    BackupId: task.id,
    FileSystem: name,
    Group: group,
    State: 'starting',
    BackupStatus: 'running',
    Task: task,
    Interactive: interactive,
    BackupStartTime: now.toISOString(),
    StopTime: new Date(Date.parse(task.windowEnds) - stopBeforeMs).toISOString(),
    WindowEnds: task.windowEnds,
    BackupWindow: windowMinutes,
    ExpireItem: Math.floor((now.getTime() + keptDays * dayMs) / 1000),
    IntervalTag: interval,
    RetainPeriod: retain,
    BackupPrefix: label,
    SourceEfsId: source.id,
    DestinationEfsId: vault.id,
  };
}
