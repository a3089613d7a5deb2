import {
  changeRecord,
  readLock,
  readRecord,
  releaseLock,
  unended,
  type BackupRecord,
  type Problem,
} from '#core/filesystems/records.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { announce } from './announce.ts';
import { outcomeOf, type Evidence } from './outcome.ts';
import { readMetric } from './read-metric.ts';
import { stopSchedule } from './stop-schedule.ts';
import type { World } from './world.ts';

/**
 * Ends a task whose instance is gone, or never was: decides how it ended, and concludes it. It may be called as often
 * as events come.
 * @param problem why it could not begin, or go on, where that is known
 */
export async function finish(world: World, id: string, problem?: Problem): Promise<void> {
  const record = await readRecord(world.table, id);
  if (record && record.State !== 'ended') {
    const evidence = await evidenceOf(world, record, problem);
    const ended = await changeRecord(world.table, id, unended, {
      ...outcomeOf({ ...record, LogLocation: world.results.place(record) }, evidence),
      State: 'ended',
      BackupStopTime: world.now().toISOString(),
      SourceBurstCreditBalancePostBackup: await readMetric(world, record.SourceEfsId, 'BurstCreditBalance'),
      ...(record.InstanceId === undefined ? {} : { LogLocation: world.results.place(record) }),
    });
    if (ended) {
      world.log('info', 'ended', { id, status: ended.BackupStatus, problem: ended.Problem?.message });
      await emptyGroup(world, ended);
    }
  }
  await conclude(world, id);
}

/** What is left to do once a task has ended: make room for the next one, tidy up, and tell people. */
export async function conclude(world: World, id: string): Promise<void> {
  const record = await readRecord(world.table, id);
  if (record?.State !== 'ended') return;
  await releaseLock(world.table, record.Group, id);
  try {
    await world.schedules.remove(stopSchedule(id));
  } catch (error) {
    // It would find nothing to do, and then remove itself.
    world.log('warn', 'a schedule stays behind', { id, reason: messageOf(error) });
  }
  await announce(world, record);
}

/** Else Auto Scaling would put another instance in the place of the one that is gone. */
async function emptyGroup({ table, groups }: World, { BackupId, Group }: BackupRecord): Promise<void> {
  // A task that was refused because another one has the group must not touch it.
  if ((await readLock(table, Group)) !== BackupId) return;
  if ((await groups.look(Group)).desired > 0) await groups.ask(Group, 0);
}

/** A result is believed before everything else: it is there only where the program came to its end. */
async function evidenceOf(world: World, record: BackupRecord, problem: Problem | undefined): Promise<Evidence> {
  try {
    const result = await world.results.read(record);
    if (result) return { result };
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    return { problem: problemOf(error) };
  }
  return problem && { problem };
}

/** An error as a record tells of it. */
export function problemOf(error: unknown): Problem {
  const message = messageOf(error);
  if (!(error instanceof HoldfastError)) return { code: 'Unexpected', message };
  return { code: error.code, message, ...(error.advice === undefined ? {} : { advice: error.advice }) };
}
