import { allRecords, type BackupRecord } from '#core/filesystems/records.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatBytes } from '../format.ts';
import { table } from '../table.ts';
import type { ListEfsEvent } from '../commands/list/events.ts';
import { openEfs, type EfsDeployment, type EfsFlags } from './deployment.ts';
import { listSnapshots, readManifest } from './snapshots.ts';

/** The file systems of a deployment, their snapshots, and how their last backups went. */
export async function listEfs({ output }: Context, flags: EfsFlags): Promise<number> {
  const efs = await openEfs(flags);
  const rows: string[][] = [];
  for (const fileSystem of efs.fileSystems) {
    const { name, source, vault } = fileSystem;
    const snapshots = await listSnapshots(efs.logs, fileSystem);
    const newest = snapshots.at(-1);
    const bytes = newest === undefined ? 0 : (await readManifest(efs.logs, fileSystem, newest)).statistics.bytes;
    const [last] = await newestRecords(efs, name);
    output.event<ListEfsEvent>({
      event: 'item',
      address: `efs/${name}`,
      source: source.id,
      vault: vault.id,
      snapshots: snapshots.length,
      bytes,
      newest,
      last: last && { id: last.BackupId, status: last.BackupStatus },
    });
    const state = last ? `last: ${last.Task.action} ${last.BackupStatus}` : 'nothing done yet';
    rows.push([`efs/${name}`, count(snapshots.length, 'snapshot'), formatBytes(bytes), newest ?? '', state]);
  }
  for (const line of await table(rows)) output.result(line);
  output.line(`${count(rows.length, 'file system')} in the deployment ${flags.deployment}`);
  return exitCode.well;
}

/** The tasks of a file system that the table still has, newest first. */
export async function newestRecords({ table: records }: EfsDeployment, name: string): Promise<BackupRecord[]> {
  const found: BackupRecord[] = [];
  for await (const record of allRecords(records)) if (record.FileSystem === name) found.push(record);
  return found.sort((a, b) => b.BackupStartTime.localeCompare(a.BackupStartTime));
}
