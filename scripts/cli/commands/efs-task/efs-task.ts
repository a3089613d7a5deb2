import { systemMounts } from '#core/filesystems/mounts.ts';
import { announceEnd, publish } from '#core/filesystems/publish.ts';
import { readTask } from '#core/filesystems/records.ts';
import { runTask } from '#core/filesystems/run-task.ts';
import { taskSchema, type Task, type TaskResult } from '#core/filesystems/task.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { messageOf } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';

/** Read only by the log of the instance. */
type EfsTaskEvent = { event: 'result' } & TaskResult;

/**
 * What the instance runs that stands between two file systems: the one task that the orchestrator has for its group,
 * whose result it stores. It tells that it is done whatever became of it, so that the instance ends.
 */
export async function efsTask({ output, signal }: Context): Promise<number> {
  const settings = readConfiguration(['HOLDFAST_EFS_LOGS', 'HOLDFAST_EFS_FOLDER', 'HOLDFAST_EFS_GROUP']);
  const group = settings.HOLDFAST_EFS_GROUP;
  const task = await takeTask(group);
  const lines: string[] = [];
  const log = (text: string): void => {
    const line = `${new Date().toISOString()} ${text}`;
    lines.push(line);
    output.line(line);
  };
  log(`${task.id}: ${task.action} of ${task.source.id}, ${task.vault.id}/${task.label}/${task.interval}`);
  const outcome = await runTask(task, {
    mounts: systemMounts(),
    folder: settings.HOLDFAST_EFS_FOLDER,
    signal,
    log,
  });
  log(`the end: ${outcome.result.status}`);
  try {
    await publish({ bucket: settings.HOLDFAST_EFS_LOGS, group, task, outcome, log: `${lines.join('\n')}\n` });
  } finally {
    await announceEnd(task).catch((error: unknown) => output.line(messageOf(error)));
  }
  output.event<EfsTaskEvent>({ event: 'result', ...outcome.result, nonce: undefined });
  return exitCodeOf(outcome.result);
}

/** From the table, or from the environment where there is none. */
async function takeTask(group: string): Promise<Task> {
  const given = readConfiguration(['HOLDFAST_EFS_TASK']).HOLDFAST_EFS_TASK;
  if (given !== undefined) return parse(taskSchema, given, 'HOLDFAST_EFS_TASK');
  return readTask(readConfiguration(['HOLDFAST_EFS_TABLE']).HOLDFAST_EFS_TABLE, group);
}

function exitCodeOf({ status, problem }: TaskResult): number {
  if (status === 'success') return exitCode.well;
  if (status === 'incomplete') return exitCode.partial;
  return problem?.code === 'Damaged' ? exitCode.damage : exitCode.failed;
}
