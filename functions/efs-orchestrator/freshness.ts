import type { BackupRecord } from '#core/filesystems/records.ts';

/** What the metric says where no backup was ever a success: a year, in hours. The table forgets after 90 days. */
const never = 8_760;

/** How long the last good backup of a file system is ago, so that an alarm sees a schedule that silently stopped. */
export function hoursSinceSuccess(records: readonly BackupRecord[], fileSystem: string, now: Date): number {
  const times = records
    .filter(
      ({ FileSystem, Task, BackupStatus }) =>
        FileSystem === fileSystem && Task.action === 'backup' && isGood(BackupStatus),
    )
    .map(({ BackupStopTime = '' }) => Date.parse(BackupStopTime));
  return times.length === 0 ? never : (now.getTime() - Math.max(...times)) / 3_600_000;
}

/** Whether there is a snapshot. */
export function isGood(status: BackupRecord['BackupStatus']): boolean {
  return status === 'success' || status === 'delete stage incomplete';
}
