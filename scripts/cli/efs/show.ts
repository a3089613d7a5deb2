import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatBytes } from '../format.ts';
import { table } from '../table.ts';
import type { ShowEfsEvent } from './events.ts';
import { fileSystemOf, openEfs, type EfsFlags } from './deployment.ts';
import { newestRecords } from './list.ts';
import { chooseSnapshot, listSnapshots, readManifest } from './snapshots.ts';

/** More tasks than these are only counted. */
const tasksShown = 10;

export interface ShowEfsFlags extends EfsFlags {
  snapshot?: string;
}

/** One file system: its snapshots, or one of them, and what was done lately. */
export async function showEfs({ output }: Context, flags: ShowEfsFlags, typed: string): Promise<number> {
  const efs = await openEfs(flags);
  const fileSystem = fileSystemOf(efs, typed);
  const { name, source, vault, label, interval, retain } = fileSystem;
  const snapshots = await listSnapshots(efs.logs, fileSystem);
  const shown = flags.snapshot === undefined ? snapshots : [chooseSnapshot(name, snapshots, flags.snapshot)];
  output.line(output.paint('bold', `efs/${name}`));
  output.line(`${source.id} → ${vault.id}:/${label}/${interval}, ${count(retain, 'snapshot')} kept`);
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const snapshot of shown) {
    const manifest = await readManifest(efs.logs, fileSystem, snapshot);
    output.event<ShowEfsEvent>({ event: 'snapshot', ...manifest });
    const { files, bytes, filesTransferred, bytesTransferred } = manifest.statistics;
    const copied = `${count(filesTransferred, 'file')} (${formatBytes(bytesTransferred)}) copied`;
    rows.push([snapshot, count(files, 'file'), formatBytes(bytes), copied]);
    notes.push(...manifest.warnings.map((warning) => `${snapshot}: ${warning}`));
    if (manifest.vanished.count > 0)
      notes.push(`${snapshot}: ${count(manifest.vanished.count, 'file')} vanished while being copied`);
  }
  for (const line of await table(rows)) output.result(`  ${line}`);
  for (const note of notes) output.line(`  ${output.paint('yellow', 'note')}  ${note}`);
  const records = await newestRecords(efs, name);
  output.line();
  output.line(`${count(records.length, 'task')} in the last 90 days`);
  for (const record of records.slice(0, tasksShown)) {
    output.event<ShowEfsEvent>({ event: 'task', ...record, Task: { ...record.Task, nonce: undefined } });
    const why = record.Problem ? `: ${record.Problem.message}` : '';
    output.line(`  ${record.BackupStartTime}  ${record.BackupId}  ${record.BackupStatus}${why}`);
  }
  return exitCode.well;
}
