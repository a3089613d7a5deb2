import type { BackupRecord, Problem, RecordChanges, Status } from '#core/filesystems/records.ts';
import type { TaskResult } from '#core/filesystems/task.ts';

/** What is known at the end: what the instance stored, or why that is not available. */
export type Evidence = { result: TaskResult } | { problem: Problem } | undefined;

/** How a task ended. Only a result that says so makes it a success. */
export function outcomeOf(record: BackupRecord, evidence: Evidence): RecordChanges {
  if (evidence && 'result' in evidence) return fromResult(evidence.result);
  if (evidence) {
    const { problem } = evidence;
    return { BackupStatus: record.InstanceId === undefined ? 'unsuccessful' : 'unknown', Problem: problem };
  }
  if (record.InstanceId === undefined) return { BackupStatus: 'unsuccessful', Problem: notLaunched(record) };
  return { BackupStatus: 'unknown', Problem: silent(record, record.InstanceId) };
}

function fromResult(result: TaskResult): RecordChanges {
  const { statistics, stages, warnings, problem, snapshot } = result;
  return {
    BackupStatus: statusOf(result),
    ...(problem ? { Problem: problem } : {}),
    ...(snapshot === undefined ? {} : { Snapshot: snapshot }),
    ...(statistics
      ? {
          NumberOfFiles: statistics.files,
          NumberOfFilesTransferred: statistics.filesTransferred,
          TotalFileSize: statistics.bytes,
          TotalTransferredFileSize: statistics.bytesTransferred,
        }
      : {}),
    Stages: stages.map(({ name, started, finished }) => ({ Name: name, StartTime: started, StopTime: finished })),
    ...(warnings.length > 0 ? { Warnings: warnings.slice(0, mostWarnings) } : {}),
  };
}

/** An item of DynamoDB has 400 kB; all of them are in the result. */
const mostWarnings = 50;

/** Problems of the instance before its program copied, restored or read anything. */
const beforeCopying = ['StartFailed', 'MountFailed', 'ToolMissing', 'Usage'];

function statusOf({ status, removed, problem }: TaskResult): Status {
  if (status === 'success') return removed?.complete === false ? 'delete stage incomplete' : 'success';
  if (status === 'incomplete') return 'incomplete';
  return problem !== undefined && beforeCopying.includes(problem.code) ? 'unsuccessful' : 'failed';
}

function notLaunched({ LaunchProblem, StopReason }: BackupRecord): Problem {
  const when = StopReason === 'window' ? ' before the window ended' : '';
  return {
    code: 'Unavailable',
    message: `no instance could be started${when}: ${LaunchProblem ?? 'Auto Scaling gave no reason'}`,
    advice: 'Check the activity of the Auto Scaling group, its subnets and instance type.',
  };
}

function silent({ ShutdownProblem, LogLocation }: BackupRecord, instance: string): Problem {
  return {
    code: 'Unavailable',
    message: `the instance ${instance} ended without a result${ShutdownProblem === undefined ? '' : `: ${ShutdownProblem}`}`,
    advice: `What it logged, if anything, is at ${LogLocation ?? 'the log bucket'}.`,
  };
}
