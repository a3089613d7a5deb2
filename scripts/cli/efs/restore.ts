import { createInterface } from 'node:readline/promises';
import type { StartMessage } from '#core/filesystems/messages.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatBytes } from '../format.ts';
import type { RestoreEfsEvent } from './events.ts';
import { fileSystemOf, openEfs, type EfsDeployment } from './deployment.ts';
import type { RunEfsFlags } from './run.ts';
import { chooseSnapshot, listSnapshots } from './snapshots.ts';
import { followTask, startTask, tellEnd } from './start.ts';

export interface RestoreEfsFlags extends RunEfsFlags {
  /** Another file system than the one that the snapshot is of. */
  to?: string | undefined;
  snapshot?: string;
  /** A folder of the snapshot. */
  path?: string;
  inPlace: boolean;
  delete: boolean;
  dryRun: boolean;
  verify: 'sample' | 'all';
  /** Delete without asking. */
  yes: boolean;
}

type Restore = Omit<StartMessage, 'action' | 'asked' | 'interactive'>;

/** Has an instance bring a snapshot back. What would be deleted is counted and asked for first. */
export async function restoreEfs(context: Context, flags: RestoreEfsFlags, typed: string): Promise<number> {
  check(flags);
  const efs = await openEfs(flags);
  const fileSystem = fileSystemOf(efs, typed);
  const { name } = fileSystem;
  const { path, to, inPlace, dryRun, verify } = flags;
  const snapshot = chooseSnapshot(name, await listSnapshots(efs.logs, fileSystem), flags.snapshot ?? '');
  context.output.line(`efs/${name}, snapshot ${snapshot}`);
  const message: Restore = { fileSystem: name, task: 'restore', snapshot, path, to, inPlace, dryRun, verify };
  const agreed = flags.delete ? await agree(context, efs, { ...message, delete: true }, flags) : {};
  if (typeof agreed === 'number') return agreed;
  const id = await startTask(context, efs, { ...message, ...agreed });
  if (!flags.follow) return exitCode.well;
  return tellEnd(context, await followTask(context, efs, id));
}

function check({ delete: remove, inPlace, follow, to }: RestoreEfsFlags): void {
  if (to !== undefined && !/^fs-[0-9a-f]{8,40}$/.test(to))
    throw new HoldfastError('Usage', '--to takes the id of a file system, such as fs-0123456789abcdef0');
  if (remove && !inPlace)
    throw new HoldfastError('Usage', '--delete needs --in-place: a new folder has nothing to delete');
  if (remove && !follow) throw new HoldfastError('Usage', '--delete counts first, so the restore must be followed');
}

/**
 * Counts what a restore would delete, and asks whether it shall.
 * @returns what to start with, or the exit code where nothing is to be started
 */
async function agree(
  context: Context,
  efs: EfsDeployment,
  message: Restore,
  { dryRun, yes }: RestoreEfsFlags,
): Promise<{ delete: true; maxDelete: number } | number> {
  const { output } = context;
  output.line('counting what would be done; nothing is changed yet');
  const counted = await followTask(context, efs, await startTask(context, efs, { ...message, dryRun: true }));
  const { restored, statistics } = counted.result ?? {};
  if (counted.record.BackupStatus !== 'success' || !restored) return tellEnd(context, counted);
  const { filesTransferred = 0, bytesTransferred = 0 } = statistics ?? {};
  output.event<RestoreEfsEvent>({ event: 'counted', deleted: restored.deleted, filesTransferred, bytesTransferred });
  output.result(
    `${count(restored.deleted, 'entry', 'entries')} of ${restored.folder} would be deleted, ${count(filesTransferred, 'file')} (${formatBytes(bytesTransferred)}) copied`,
  );
  if (dryRun) return exitCode.well;
  if (restored.deleted > 0 && !yes && !(await ask()))
    throw new HoldfastError('Usage', 'nothing was deleted, nothing was restored', {
      advice: 'Answer yes, or give --yes, to continue; or restore without --delete.',
    });
  return { delete: true, maxDelete: restored.deleted };
}

/** Without a terminal no one can answer. */
async function ask(): Promise<boolean> {
  if (!(process.stdin as { isTTY?: boolean }).isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Delete them? [yes/no] ')).trim());
  } finally {
    terminal.close();
  }
}
