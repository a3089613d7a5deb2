import { changeRecord, type BackupRecord } from '#core/filesystems/records.ts';
import { isGood } from './freshness.ts';
import { taskNotice } from './message.ts';
import type { World } from './world.ts';

/** Longer than an invocation lasts: an invocation that took the task before that has ended. */
const leaseMs = 15 * 60_000;

/** Measures and announces how a task ended, once; a second caller meanwhile leaves it to the first. */
export async function announce(world: World, { BackupId }: Pick<BackupRecord, 'BackupId'>): Promise<void> {
  const now = world.now();
  const record = await changeRecord(
    world.table,
    BackupId,
    ['ended'],
    { Announcing: new Date(now.getTime() + leaseMs).toISOString() },
    [
      { attribute: 'Announced', absent: true },
      { attribute: 'Announcing', absentOrBefore: now.toISOString() },
    ],
  );
  if (!record) return;
  try {
    if (mustBeTold(world, record)) await world.publish(taskNotice(record));
    if (record.Task.action === 'backup' && !wasAnswered(record)) await world.beat(isGood(record.BackupStatus));
  } catch (error) {
    await changeRecord(world.table, BackupId, ['ended'], { Announcing: undefined });
    throw error;
  }
  if (record.Task.action === 'backup' && !wasAnswered(record)) measure(world, record);
  await changeRecord(world.table, BackupId, ['ended'], { Announced: now.toISOString(), Announcing: undefined });
}

/** No one waits at a terminal for the end of a restore; of backups most people want to know only the failed ones. */
function mustBeTold({ notifySuccess }: World, record: BackupRecord): boolean {
  const { BackupStatus, Warnings, Task: task } = record;
  if (BackupStatus === 'success' && Warnings === undefined && task.action === 'backup') return notifySuccess;
  return !wasAnswered(record);
}

/** A caller that waited for the answer to its start has seen the refusal in it, so no announcement is needed. */
function wasAnswered({ Interactive, Refused }: BackupRecord): boolean {
  return Interactive === true && Refused === true;
}

function measure(world: World, record: BackupRecord): void {
  const succeeded = isGood(record.BackupStatus);
  const { BackupStartTime, BackupStopTime = BackupStartTime } = record;
  const counts = {
    Files: record.NumberOfFiles,
    FilesTransferred: record.NumberOfFilesTransferred,
  };
  const bytes = { Bytes: record.TotalFileSize, BytesTransferred: record.TotalTransferredFileSize };
  world.measure(record.FileSystem, {
    Succeeded: { unit: 'Count', value: succeeded ? 1 : 0 },
    Failed: { unit: 'Count', value: succeeded ? 0 : 1 },
    BackupDuration: { unit: 'Seconds', value: (Date.parse(BackupStopTime) - Date.parse(BackupStartTime)) / 1000 },
    ...known(counts, 'Count'),
    ...known(bytes, 'Bytes'),
  });
}

function known(
  values: Readonly<Record<string, number | undefined>>,
  unit: 'Count' | 'Bytes',
): Record<string, { unit: 'Count' | 'Bytes'; value: number }> {
  const entries = Object.entries(values);
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, { unit, value }]])));
}
