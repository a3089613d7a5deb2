import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { fileSystemOf, openEfs, type EfsFlags } from './deployment.ts';
import { chooseSnapshot, listSnapshots } from './snapshots.ts';
import { followTask, startTask, tellEnd } from './start.ts';

export interface RunEfsFlags extends EfsFlags {
  follow: boolean;
}

export interface VerifyEfsFlags extends RunEfsFlags {
  snapshot?: string;
}

/** Starts a backup now. */
export async function runEfs(context: Context, flags: RunEfsFlags, typed: string): Promise<number> {
  const efs = await openEfs(flags);
  const id = await startTask(context, efs, { fileSystem: fileSystemOf(efs, typed).name, task: 'backup' });
  return flags.follow ? tellEnd(context, await followTask(context, efs, id)) : exitCode.well;
}

/** Has an instance read a snapshot and compare it with its manifest. */
export async function verifyEfs(context: Context, flags: VerifyEfsFlags, typed: string): Promise<number> {
  const efs = await openEfs(flags);
  const fileSystem = fileSystemOf(efs, typed);
  const { name } = fileSystem;
  const snapshots = await listSnapshots(efs.logs, fileSystem);
  const snapshot = chooseSnapshot(name, snapshots, flags.snapshot ?? '');
  const id = await startTask(context, efs, { fileSystem: name, task: 'verify', snapshot });
  return flags.follow ? tellEnd(context, await followTask(context, efs, id)) : exitCode.well;
}
