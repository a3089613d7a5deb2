import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import * as v from 'valibot';
import { fromAttributes } from '#core/filesystems/attributes.ts';
import { manifestCopyKey, resultKey } from '#core/filesystems/task.ts';
import { requestAws } from '../../support/aws/api.ts';
import { events, holdfast, type CommandLineResult } from '../../support/command-line.ts';
import type { LocalAwsNotification } from '../../support/local-aws.ts';
import { createFileSystem, fileSystemsFolder, findNetwork, folderOf } from '../file-systems.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type World } from '../world.ts';

const table = `${deployment}-efs`;
const group = `${deployment}-efs-home`;
const logs = `${deployment}-efs-logs-123456789012-us-east-1`;
const account = { label: 'efs-backup', interval: 'daily' };

/** The file system with which every scenario begins; what Terraform is told of it. */
export async function seedFileSystem(world: World): Promise<string> {
  const network = await findNetwork(world);
  const source = await createFileSystem(world, network, 'home');
  const folder = folderOf(world, source);
  await mkdir(path.join(folder, 'docs'));
  await writeFile(path.join(folder, 'docs', 'a letter.txt'), 'Dear reader\n');
  await writeFile(path.join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o750 });
  return `{
    network      = { vpc_id = "${network.vpc}", subnet_ids = ${JSON.stringify(network.subnets)} }
    file_systems = { home = { source = { file_system_id = "${source}" }, retain = 2, workers = 2 } }
  }`;
}

export const efsBackup: Scenario = {
  name: 'efs-backup',
  async run(world) {
    const { source, vault } = await fileSystems(world);
    const first = await backUp(world);
    expect(first, JSON.stringify(first.Problem)).to.deep.include({
      BackupStatus: 'success',
      SourceEfsId: source,
      DestinationEfsId: vault,
      NumberOfFiles: 2,
      NumberOfFilesTransferred: 2,
    });
    expect(first.ExpireItem).to.be.above(Date.parse(first.BackupStartTime) / 1000 + 89 * 86_400);
    const tree = path.join(series(world, vault), first.Snapshot ?? '', 'tree');
    expect(await readFile(path.join(tree, 'docs', 'a letter.txt'), 'utf8')).to.equal('Dear reader\n');
    const copy = manifestCopyKey(source, account.label, account.interval, first.Snapshot ?? '');
    for (const key of [copy, resultKey(first.Group, first.BackupId)])
      expect(await world.readObject(logs, key)).to.have.length.above(9);

    // Notifications of success were not requested.
    expect(await told(world, first.BackupId)).to.deep.equal([]);
    const second = await backUp(world);
    expect(second).to.include({ BackupStatus: 'success', NumberOfFiles: 2, NumberOfFilesTransferred: 0 });
    const again = path.join(series(world, vault), second.Snapshot ?? '', 'tree', 'run.sh');
    expect((await stat(again)).ino).to.equal((await stat(path.join(tree, 'run.sh'))).ino);
  },
};

export const efsWindowStop: Scenario = {
  name: 'efs-window-stop',
  async run(world) {
    const { source, vault } = await fileSystems(world);
    const before = await snapshots(world, vault);
    await writeFile(path.join(folderOf(world, source), 'docs', 'new.txt'), 'New\n');
    // A change of the mode alone must not reach the snapshots that are there.
    await chmod(path.join(folderOf(world, source), 'run.sh'), 0o700);
    const release = await hold(world, 'hold-copy');
    const id = await start(world);
    await world.until(async () => (await read(world, id)).State === 'running' && (await isBegun(world)));
    // The command reaches the instance, but the program takes its time.
    const goOn = await hold(world, 'hold-stop');
    await world.aws.fire(`${id}-stop`);
    await world.until(async () => (await read(world, id)).ShutdownCommand !== undefined);
    await world.aws.fire(`${id}-follow-1`);
    await world.until(async () => (await reminders(world)).includes(`${id}-follow-2`));
    await goOn();
    const stopped = await ended(world, id);
    expect(stopped, JSON.stringify(stopped)).to.include({ BackupStatus: 'incomplete', StopReason: 'window' });
    expect(await snapshots(world, vault)).to.deep.equal(before);
    expect(await isBegun(world), 'what was copied is kept').to.equal(true);
    const [mail] = await told(world, id);
    expect(mail?.subject).to.equal('Holdfast: EFS backup of home: incomplete');
    expect(mail?.message).to.include('the next backup continues with it');
    await release();

    const next = await backUp(world);
    expect(next, JSON.stringify(next.Problem)).to.include({ BackupStatus: 'success', NumberOfFiles: 3 });
    expect(await isBegun(world), 'and taken over').to.equal(false);
    const [kept = '', newest = ''] = await snapshots(world, vault);
    expect(newest).to.equal(next.Snapshot);
    const mode = async (snapshot: string): Promise<number> =>
      (await stat(path.join(series(world, vault), snapshot, 'tree', 'run.sh'))).mode & 0o777;
    expect([await mode(kept), await mode(newest)]).to.deep.equal([0o750, 0o700]);
  },
};

export const efsOrphan: Scenario = {
  name: 'efs-orphan',
  async run(world) {
    const release = await hold(world, 'hold-copy');
    const id = await start(world);
    await world.until(async () => (await read(world, id)).State === 'running' && (await isBegun(world)));
    await world.aws.loseInstance((await read(world, id)).InstanceId ?? '');
    const refused = await backUp(world);
    expect(refused).to.deep.include({ BackupStatus: 'unsuccessful', Refused: true });
    expect((await read(world, id)).State).to.equal('running');

    await world.aws.fire(`${deployment}-efs-janitor`);
    expect(await ended(world, id)).to.include({ BackupStatus: 'unknown' });
    const [mail] = await told(world, id);
    expect(mail?.subject).to.equal('Holdfast: EFS backup of home: unknown');
    await release();
    expect(await backUp(world)).to.include({ BackupStatus: 'success' });

    // An instance that cannot even begin says so.
    const repair = await hold(world, 'no-packages');
    const unprepared = await backUp(world);
    expect(unprepared.BackupStatus).to.equal('unsuccessful');
    expect(unprepared.Problem).to.deep.include({
      code: 'StartFailed',
      message: 'the instance could not be prepared: installing packages failed',
    });
    await repair();

    // And one that belongs to no backup goes.
    await setDesiredCapacity(world, 1);
    await world.until(async () => (await instances(world)).length === 0);
    expect(
      await world.aws.call('dynamodb', 'Scan', { TableName: table, FilterExpression: 'attribute_exists(Running)' }),
    )
      .to.have.property('Count')
      .that.equals(0);
  },
};

export const efsRestore: Scenario = {
  name: 'efs-restore',
  async run(world) {
    const { source, vault } = await fileSystems(world);
    const folder = folderOf(world, source);
    const letter = path.join(folder, 'docs', 'a letter.txt');
    const [oldest = '', newest = ''] = await snapshots(world, vault);

    const listed = events((await commandLine(world, 'list', 'efs', '--json')).stdout);
    expect(listed.find(({ event }) => event === 'item')).to.include({ address: 'efs/home', snapshots: 2, newest });
    const { stdout: shown } = await commandLine(world, 'show', 'efs/home');
    expect(shown).to.include(oldest).and.to.include(newest);
    await commandLine(world, 'verify', 'efs/home');

    // Into a new folder, which leaves everything else alone.
    await writeFile(letter, 'Overwritten by mistake\n');
    const before = new Set(await readdir(folder));
    await commandLine(world, 'restore', 'efs/home', '--verify', 'all');
    const [restored = '', ...more] = (await readdir(folder)).filter((name) => !before.has(name));
    expect([restored, more]).to.deep.equal([restored, []]);
    expect(restored).to.match(/^restore-/);
    expect(await readFile(path.join(folder, restored, 'docs', 'a letter.txt'), 'utf8')).to.equal('Dear reader\n');
    expect(await readFile(letter, 'utf8')).to.equal('Overwritten by mistake\n');

    // In place: what is not in the snapshot stays, unless it is to go.
    const stray = path.join(folder, 'docs', 'stray.txt');
    await writeFile(stray, 'Stray\n');
    await commandLine(world, 'restore', 'efs/home', '--path', '/docs', '--in-place');
    expect(await readFile(letter, 'utf8')).to.equal('Dear reader\n');
    expect(await readFile(stray, 'utf8')).to.equal('Stray\n');
    await commandLine(world, 'restore', 'efs/home', '--path', '/docs', '--in-place', '--delete', '--yes');
    expect(await readdir(path.dirname(letter))).to.deep.equal(['a letter.txt', 'new.txt']);
    expect(await readdir(folder)).to.include.members([restored, 'run.sh']);
  },
};

/** A person's command, which must go well. */
async function commandLine(world: World, ...args: string[]): Promise<CommandLineResult> {
  const result = await holdfast([...args, '--deployment', deployment], {
    cwd: world.folder,
    env: world.aws.environment,
  });
  expect(result.code, `${args.join(' ')}\n${result.stdout}${result.stderr}`).to.equal(0);
  return result;
}

/** What a record of the table holds, as far as it is looked at here. */
const recordSchema = v.object({
  BackupId: v.string(),
  Group: v.string(),
  State: v.string(),
  BackupStatus: v.string(),
  BackupStartTime: v.string(),
  SourceEfsId: v.string(),
  DestinationEfsId: v.string(),
  ExpireItem: v.number(),
  InstanceId: v.optional(v.string()),
  ShutdownCommand: v.optional(v.string()),
  StopReason: v.optional(v.string()),
  Refused: v.optional(v.boolean()),
  Problem: v.optional(v.object({ code: v.string(), message: v.string() })),
  Announced: v.optional(v.string()),
  Snapshot: v.optional(v.string()),
  NumberOfFiles: v.optional(v.number()),
  NumberOfFilesTransferred: v.optional(v.number()),
});

type Backup = v.InferOutput<typeof recordSchema>;

async function records(world: World): Promise<Backup[]> {
  const { Items } = await world.aws.call<{ Items: Parameters<typeof fromAttributes>[0][] }>('dynamodb', 'Scan', {
    TableName: table,
    ConsistentRead: true,
  });
  const items = Items.map(fromAttributes).filter((item) => !('Running' in item));
  return items.map((item) => v.parse(recordSchema, item));
}

async function read(world: World, id: string): Promise<Backup> {
  const found = (await records(world)).find(({ BackupId }) => BackupId === id);
  if (!found) throw new Error(`there is no record of ${id}`);
  return found;
}

/** Fires the schedule; gives the id of what it starts. */
async function start(world: World): Promise<string> {
  const before = new Set((await records(world)).map(({ BackupId }) => BackupId));
  await world.aws.fire(group);
  let started: Backup | undefined;
  await world.until(async () => {
    started = (await records(world)).find(({ BackupId }) => !before.has(BackupId));
    return started !== undefined;
  });
  return started?.BackupId ?? '';
}

async function ended(world: World, id: string): Promise<Backup> {
  await world.until(async () => (await read(world, id)).Announced !== undefined);
  return read(world, id);
}

/** From the schedule to the end, which waits until its instance has gone. */
async function backUp(world: World): Promise<Backup> {
  return ended(world, await start(world));
}

async function told(world: World, id: string): Promise<LocalAwsNotification[]> {
  return (await world.aws.notifications()).filter(({ message }) => message.includes(`Id: ${id}\n`));
}

async function fileSystems(world: World): Promise<{ source: string; vault: string }> {
  const { FileSystems } = await world.aws.call<{ FileSystems: { FileSystemId: string; CreationToken: string }[] }>(
    'elasticfilesystem',
    'GET /2015-02-01/file-systems',
  );
  const called = (token: string): string =>
    FileSystems.find(({ CreationToken }) => CreationToken === token)?.FileSystemId ?? '';
  const vault = called(group);
  await mkdir(folderOf(world, vault), { recursive: true });
  return { source: called('home'), vault };
}

function series(world: World, vault: string): string {
  return path.join(folderOf(world, vault), account.label, account.interval);
}

/** Oldest first; what is incomplete has a name that is hidden. */
async function snapshots(world: World, vault: string): Promise<string[]> {
  return (await readdir(series(world, vault))).filter((name) => !name.startsWith('.')).sort();
}

/** Holds or breaks something on instances until the answer is called. */
async function hold(world: World, what: 'hold-copy' | 'hold-stop' | 'no-packages'): Promise<() => Promise<void>> {
  const file = path.join(fileSystemsFolder(world.folder), what);
  await writeFile(file, '');
  return () => rm(file);
}

/** Whether there is the beginning of a snapshot. */
async function isBegun(world: World): Promise<boolean> {
  const { vault } = await fileSystems(world);
  return (await readdir(series(world, vault))).some((name) => name.startsWith('.incomplete-'));
}

async function reminders(world: World): Promise<string[]> {
  const { Schedules } = await world.aws.call<{ Schedules: { Name: string }[] }>('scheduler', 'GET /schedules');
  return Schedules.map(({ Name }) => Name);
}

async function setDesiredCapacity(world: World, DesiredCapacity: number): Promise<void> {
  await world.aws.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName: group, DesiredCapacity });
}

async function instances(world: World): Promise<string[]> {
  const { text } = await requestAws(world.aws.endpoint, 'autoscaling', 'DescribeAutoScalingGroups');
  return [...text.matchAll(/<InstanceId>([^<]+)/g)].map(([, id = '']) => id);
}
