import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { createRecord, type BackupRecord } from '#core/filesystems/records.ts';
import { writeSnapshotManifest } from '#core/filesystems/snapshot-manifest.ts';
import { openTable } from '#core/filesystems/table.ts';
import { manifestCopyKey, resultKey, type TaskResult } from '#core/filesystems/task.ts';
import { describeWithAws } from '../../support/aws/suite.ts';
import { collect, events, holdfast, startHoldfast, type CommandLineResult } from '../../support/command-line.ts';
import { setEnvironment } from '../../support/vault-s3.ts';

const source = 'fs-0000000a';
const time = '2026-11-20T02:00:00.000Z';
const statistics = { entries: 12, files: 10, bytes: 1_000_000, filesTransferred: 1, bytesTransferred: 100 };

/** Answers as the orchestrator does, with an id that tells what was asked. The tasks have ended already. */
const orchestrator = `
export const handler = async (message) => {
  console.log(JSON.stringify(message));
  if (message.action !== 'start' || !message.interactive || !message.asked) throw new Error('the message is not valid');
  const id = message.task + '-' + (message.dryRun ? 'counted' : message.maxDelete === undefined ? 'done' : 'deleted-' + message.maxDelete);
  if (message.fileSystem === 'busy')
    return { outcome: 'refused', id, code: 'Busy', message: 'another task of this file system is in progress', advice: 'Wait.' };
  return { outcome: 'started', id: id + (message.path === '/slow' ? '-slow' : '') + (message.snapshot?.endsWith('3Z') ? '-damaged' : '') };
};`;

describeWithAws('holdfast with EFS', (aws) => {
  let restore: () => void;
  const run = (...args: string[]): Promise<CommandLineResult> =>
    holdfast(args, { cwd: tmpdir(), env: aws.server().environment });

  before(async () => {
    restore = setEnvironment(aws.server().environment);
    await aws.call('dynamodb', 'CreateTable', {
      TableName: 'tasks',
      AttributeDefinitions: [{ AttributeName: 'BackupId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'BackupId', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'logs' }));
    const settings = {
      source: { id: source },
      vault: { id: 'fs-0000000b' },
      group: 'group',
      hooks: { launch: 'launch', terminate: 'terminate' },
      label: 'efs-backup',
      interval: 'daily',
      retain: 7,
      windowMinutes: 180,
    };
    await aws.deploy('holdfast-efs-orchestrator', orchestrator, {
      Environment: {
        Variables: {
          HOLDFAST_EFS_TABLE: 'tasks',
          HOLDFAST_EFS_LOGS: 'logs',
          HOLDFAST_EFS_FILE_SYSTEMS: JSON.stringify({ files: settings, busy: settings }),
        },
      },
    });
    const table = await openTable('tasks');
    const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'logs', Key, Body }));
    for (const snapshot of ['2026-11-18T020003Z', '2026-11-19T020000Z', '2026-11-20T020000Z'])
      await put(
        manifestCopyKey(source, 'efs-backup', 'daily', snapshot),
        writeSnapshotManifest({
          format: 1,
          source,
          vault: 'fs-0000000b',
          label: 'efs-backup',
          interval: 'daily',
          snapshot,
          prefix: '/',
          statistics,
          fingerprint: 'a'.repeat(64),
          vanished: { count: 2, names: ['a', 'b'] },
          omitted: { count: 0, names: [] },
          warnings: [],
          tool: { name: 'holdfast', version: '0.1.0', rsync: '3.5' },
          clock: time,
          started: time,
          finished: time,
        }),
      );
    const end = async (id: string, status: BackupRecord['BackupStatus'], more: Partial<TaskResult> = {}) => {
      const problem = more.problem;
      await createRecord(table, recordOf(id, status, problem));
      const result = { ...resultOf(id), ...more };
      await put(resultKey('group', id), JSON.stringify(result));
    };
    const restored = { folder: '/restore-x', compared: 10, different: 0, deleted: 3 };
    await end('backup-done', 'success');
    await end('restore-done', 'success', { restored });
    await createRecord(table, { ...recordOf('restore-done-slow', 'success', undefined), State: 'running' });
    await end('restore-counted', 'success', { restored: { ...restored, folder: '/' } });
    await end('restore-deleted-3', 'success', { restored: { ...restored, folder: '/' } });
    await end('verify-done', 'success');
    await end('verify-done-damaged', 'failed', {
      status: 'failed',
      problem: { code: 'Damaged', message: '9 files where 10 were stored' },
    });
    table.close();
    s3.destroy();
  });
  after(() => restore());

  it('lists file systems with their snapshots and how the last task went', async () => {
    const { code, stdout, stderr } = await run('list', 'efs');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/efs\/files +3 snapshots +1\.0 MB +2026-11-20T020000Z +last: \w+ (success|failed)/);
    const [item] = events((await run('list', 'efs', '--json')).stdout);
    expect(item).to.include({ event: 'item', address: 'efs/files', snapshots: 3, newest: '2026-11-20T020000Z' });
  });

  it('shows the snapshots of one, and what was done lately', async () => {
    const { code, stdout, stderr } = await run('show', 'efs/files');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('fs-0000000a → fs-0000000b:/efs-backup/daily, 7 snapshots kept');
    expect(stdout).to.include('2026-11-19T020000Z  10 files  1.0 MB  1 file (100 B) copied');
    expect(stdout).to.include('2 files vanished while being copied');
    expect(stdout).to.include('failed: 9 files where 10 were stored');
    const one = await run('show', 'efs/files', '--snapshot', '2026-11-19');
    expect(one.stdout).to.include('2026-11-19T020000Z').and.not.include('2026-11-20T020000Z  10');
  });

  it('starts a backup and follows it to its end', async () => {
    const { code, stdout, stderr } = await run('run', 'efs/files');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('started backup-done').and.to.include('success  backup-done');
    const alone = await run('run', 'efs/files', '--no-follow');
    expect(alone.stdout).to.include('started backup-done').and.not.include('success');
  });

  for (const [signal, by, expected] of [
    ['SIGINT', 'Ctrl-C', 130],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const)
    it(`ends the watching of a task by ${by} with ${expected}, and says that the task continues`, async () => {
      const child = startHoldfast(['restore', 'efs/files', '--path', '/slow'], {
        cwd: tmpdir(),
        env: aws.server().environment,
      });
      const output = collect(child);
      child.stdin.end();
      child.stdout.on('data', () => {
        if (/^running/m.test(output().stdout)) child.kill(signal);
      });
      const [code] = (await once(child, 'close')) as [number | null];
      expect(output().stderr).to.equal(
        `error: stopped by ${by}\n  The task restore-done-slow continues in AWS; only the watching has ended.\n`,
      );
      expect(code).to.equal(expected);
    });

  it('says why a task is refused, and exits with 1', async () => {
    const { code, stderr } = await run('run', 'efs/busy');
    expect(code).to.equal(1);
    expect(stderr).to.include('error: another task of this file system is in progress\n  Wait.');
  });

  it('exits with 4 when a verification finds damage', async () => {
    expect((await run('verify', 'efs/files')).code).to.equal(0);
    const { code, stderr } = await run('verify', 'efs/files', '--snapshot', '2026-11-18');
    expect(code).to.equal(4);
    expect(stderr).to.include('9 files where 10 were stored');
  });

  it('restores into a new folder, and deletes nothing', async () => {
    const { code, stdout, stderr } = await run('restore', 'efs/files', '--path', '/sub', '--verify', 'all');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('efs/files, snapshot 2026-11-20T020000Z').and.to.include('restored to /restore-x');
  });

  it('counts before it deletes, and deletes no more than was agreed to', async () => {
    const silent = await run('restore', 'efs/files', '--in-place', '--delete');
    expect(silent.code).to.equal(2);
    expect(silent.stdout).to.include('3 entries of / would be deleted, 1 file (100 B) copied');
    expect(silent.stdout).to.not.include('started restore-deleted');
    expect(silent.stderr).to.include('--yes');
    const agreed = await run('restore', 'efs/files', '--in-place', '--delete', '--yes');
    expect(agreed.code, agreed.stderr).to.equal(0);
    expect(agreed.stdout).to.include('started restore-counted').and.to.include('started restore-deleted-3');
    const counted = await run('restore', 'efs/files', '--in-place', '--delete', '--dry-run', '--json');
    expect(events(counted.stdout).at(-1)).to.include({ event: 'counted', deleted: 3 });
  });

  for (const [what, args, message] of [
    ['--delete without --in-place', ['restore', 'efs/files', '--delete'], '--delete needs --in-place'],
    ['a target that is none', ['restore', 'efs/files', '--to', '/folder'], 'the id of a file system'],
    ['a file system without a name', ['run', 'efs'], 'There is efs/files, efs/busy.'],
  ] as const)
    it(`refuses ${what} with 2`, async () => {
      const { code, stderr } = await run(...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(message);
    });

  it('says what there is where a name, a snapshot or the deployment is wrong', async () => {
    expect((await run('show', 'efs/other')).stderr).to.include('It has files, busy.');
    expect((await run('verify', 'efs/files', '--snapshot', '2025')).stderr).to.include('Its newest are');
    const { code, stderr } = await run('list', 'efs', '--deployment', 'other');
    expect(code).to.equal(1);
    expect(stderr).to.include('no function other-efs-orchestrator').and.to.include('--deployment');
  });
});

function recordOf(
  BackupId: string,
  BackupStatus: BackupRecord['BackupStatus'],
  Problem: BackupRecord['Problem'],
): BackupRecord {
  return {
    BackupId,
    FileSystem: 'files',
    Group: 'group',
    State: 'ended',
    BackupStatus,
    Task: {
      format: 1,
      action: 'verify',
      id: BackupId,
      source: { id: source },
      vault: { id: 'fs-0000000b' },
      label: 'efs-backup',
      interval: 'daily',
      windowEnds: time,
    },
    BackupStartTime: time,
    StopTime: time,
    WindowEnds: time,
    BackupWindow: 180,
    ExpireItem: 1,
    IntervalTag: 'daily',
    RetainPeriod: 7,
    BackupPrefix: 'efs-backup',
    SourceEfsId: source,
    DestinationEfsId: 'fs-0000000b',
    ...(Problem ? { Problem } : {}),
  };
}

function resultOf(id: string): TaskResult {
  return {
    format: 1,
    id,
    action: 'verify',
    status: 'success',
    stages: [],
    statistics,
    warnings: [],
    tool: { name: 'holdfast', version: '0.1.0' },
    started: time,
    finished: time,
  };
}
