import { setTimeout as sleep } from 'node:timers/promises';
import type { StartMessage } from '#core/filesystems/messages.ts';
import { readRecord, type BackupRecord } from '#core/filesystems/records.ts';
import { readResult } from '#core/filesystems/results.ts';
import type { TaskResult } from '#core/filesystems/task.ts';
import { HoldfastError, interrupted, type ErrorCode } from '#core/runtime/errors.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatBytes } from '../format.ts';
import type { StartEfsEvent } from './events.ts';
import type { EfsDeployment } from './deployment.ts';

/** How often the task is looked at. */
const pollMs = 2_000;

export interface Ended {
  record: BackupRecord;
  /** What the instance said, where it said something. */
  result: TaskResult | undefined;
}

/**
 * Starts a task and says its id.
 * @throws {HoldfastError} where it is refused
 */
export async function startTask(
  { output }: Context,
  efs: EfsDeployment,
  message: Omit<StartMessage, 'action' | 'asked' | 'interactive'>,
): Promise<string> {
  const asked = new Date().toISOString();
  const answer = await efs.start({ ...message, action: 'start', asked, interactive: true });
  if (answer.outcome === 'refused')
    throw new HoldfastError(codeOf(answer.code), answer.message, { advice: answer.advice });
  output.event<StartEfsEvent>({ event: 'started', id: answer.id });
  output.line(`started ${answer.id}`);
  return answer.id;
}

/** Waits for the end of a task, which goes on in AWS whatever happens here. */
export async function followTask({ output, signal, onStop }: Context, efs: EfsDeployment, id: string): Promise<Ended> {
  onStop(() => `The task ${id} continues in AWS; only the watching has ended.`);
  let said = '';
  for (;;) {
    const record = await readRecord(efs.table, id);
    if (!record) throw new HoldfastError('NotFound', `there is no record of the task ${id}`);
    const now = record.InstanceId === undefined ? record.State : `${record.State} on ${record.InstanceId}`;
    if (now !== said) output.line(now);
    said = now;
    if (record.State === 'ended') return { record, result: await readResult(efs.logs, record) };
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw interrupted(signal);
  }
}

/** Says how a task ended, in a line and by the exit code. */
export function tellEnd({ output }: Context, { record, result }: Ended): number {
  const { BackupId: id, BackupStatus: status, Problem: problem } = record;
  output.event<StartEfsEvent>({
    event: 'ended',
    id,
    status,
    problem,
    result: result && { ...result, nonce: undefined },
  });
  const { statistics, restored, compared } = result ?? {};
  const colour = record.BackupStatus === 'success' ? 'green' : 'red';
  output.result(`${output.paint(colour, record.BackupStatus)}  ${record.BackupId}`);
  if (statistics) {
    const { files, bytes, filesTransferred, bytesTransferred } = statistics;
    output.line(
      `${count(files, 'file')}, ${formatBytes(bytes)}; ${count(filesTransferred, 'file')} copied, ${formatBytes(bytesTransferred)}`,
    );
  }
  if (restored)
    output.line(
      `restored to ${restored.folder}; ${restored.compared} compared by checksum, ${restored.different} different, ${restored.deleted} removed`,
    );
  if (compared !== undefined) output.line(`${count(compared, 'file')} compared with the digests that were stored`);
  for (const warning of result?.warnings ?? []) output.line(`${output.paint('yellow', 'note')}  ${warning}`);
  if (record.LogLocation !== undefined) output.line(`log: ${record.LogLocation}`);
  if (record.Problem)
    output.error(
      new HoldfastError(codeOf(record.Problem.code), record.Problem.message, { advice: record.Problem.advice }),
    );
  return codeOfEnd(record);
}

function codeOfEnd({ BackupStatus, Problem: problem }: BackupRecord): number {
  switch (BackupStatus) {
    case 'success':
      return exitCode.well;
    case 'incomplete':
    case 'delete stage incomplete':
      return exitCode.partial;
    default:
      return problem?.code === 'Damaged' ? exitCode.damage : exitCode.failed;
  }
}

/** The codes that a person meets here; the rest are AWS's or the instance's affair. */
const codes = [
  'Usage',
  'Busy',
  'ConfigurationInvalid',
  'AccessDenied',
  'SourceMissing',
  'NotFound',
  'Damaged',
  'TargetNotEmpty',
  'MountFailed',
  'CopyFailed',
  'TooLarge',
] as const satisfies readonly ErrorCode[];

function codeOf(text: string): ErrorCode {
  return codes.find((code) => code === text) ?? 'Unavailable';
}
