import type { Notice, Severity } from '#core/notifications/notice.ts';
import type { BackupRecord } from '#core/filesystems/records.ts';
import type { Task } from '#core/filesystems/task.ts';

/** What people and their webhooks are told of a task that has ended. */
export function taskNotice(record: BackupRecord): Notice {
  const { BackupId, BackupStatus, FileSystem, Task: task, BackupStartTime, BackupStopTime } = record;
  return {
    kind: 'file system',
    id: BackupId,
    source: 'efs',
    severity: severityOfTask(record),
    ...messageAbout(record),
    details: {
      action: task.action,
      fileSystem: FileSystem,
      result: BackupStatus,
      started: BackupStartTime,
      ...(BackupStopTime === undefined ? {} : { finished: BackupStopTime }),
    },
  };
}

function severityOfTask({ BackupStatus, Warnings, Task: task }: BackupRecord): Severity {
  const why = `the ${nouns[task.action]} ended: ${BackupStatus}`;
  if (BackupStatus === 'success') return { level: Warnings === undefined ? 'ok' : 'warning', why };
  // What was copied counts from the next backup on, and a snapshot whose removals lag behind is stored.
  const goesOn = BackupStatus === 'incomplete' || BackupStatus === 'delete stage incomplete';
  return { level: goesOn ? 'warning' : 'critical', why };
}

/** What people read about a task that has ended. */
export function messageAbout(record: BackupRecord): { subject: string; text: string } {
  const { FileSystem, BackupStatus, Task: task } = record;
  const what = `EFS ${nouns[task.action]} of ${FileSystem}`;
  const lines = [
    `${what}: ${BackupStatus}`,
    '',
    meaningOf(record),
    ...problemLines(record),
    ...(record.Warnings ?? []).map((warning) => `- ${warning}`),
    '',
    ...facts(record).map(([name, value]) => `${name}: ${value}`),
  ];
  // SNS takes no more than 100 characters, and only of ASCII.
  return { subject: `Holdfast: ${what}: ${BackupStatus}`.slice(0, 100), text: `${lines.join('\n')}\n` };
}

const nouns: Record<Task['action'], string> = { backup: 'backup', restore: 'restore', verify: 'verification' };

function meaningOf({ BackupStatus, Task: task, Snapshot, StopReason }: BackupRecord): string {
  const noun = nouns[task.action];
  switch (BackupStatus) {
    case 'success':
      return task.action === 'backup'
        ? `The snapshot ${Snapshot ?? ''} is stored.`
        : `The ${noun} is done, snapshot ${Snapshot ?? ''}.`;
    case 'incomplete':
      return task.action === 'backup'
        ? 'The window ended before everything was copied. What was copied is kept, and the next backup continues with it; until then the previous snapshot is the newest.'
        : `The window ended before the ${noun} was done. Start it again to continue.`;
    case 'unsuccessful':
      return `The ${noun} could not begin. Nothing was changed.`;
    case 'failed':
      return task.action === 'backup'
        ? 'The copy failed or did not start. The previous snapshot is still the newest.'
        : `The ${noun} failed.`;
    case 'delete stage incomplete':
      return `The snapshot ${Snapshot ?? ''} is stored, but the window ended before all expired ones were removed. The next backup continues with that.`;
    case 'unknown':
    case 'running':
      return `It is not known how the ${noun} ended, so it does not count as done.${StopReason === 'window' ? ' It was stopped because its window ended.' : ''}`;
  }
}

function problemLines({ Problem: problem }: BackupRecord): string[] {
  if (!problem) return [];
  const { code, message, advice } = problem;
  return ['', `${code}: ${message}`, ...(advice === undefined ? [] : [advice])];
}

function facts(record: BackupRecord): [string, string | number][] {
  const all: [string, string | number | undefined][] = [
    ['Id', record.BackupId],
    ['Source', record.SourceEfsId],
    ['Destination', `${record.DestinationEfsId}:/${record.BackupPrefix}/${record.IntervalTag}`],
    ['Started', record.BackupStartTime],
    ['Ended', record.BackupStopTime],
    ['Window', `${record.BackupWindow} minutes, until ${record.WindowEnds}`],
    ['Instance', record.InstanceId],
    ['Files', record.NumberOfFiles],
    ['Files copied', record.NumberOfFilesTransferred],
    ['Bytes', record.TotalFileSize],
    ['Bytes copied', record.TotalTransferredFileSize],
    ['Burst credits before', record.SourceBurstCreditBalance],
    ['Burst credits after', record.SourceBurstCreditBalancePostBackup],
    ['Log', record.LogLocation],
  ];
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}
