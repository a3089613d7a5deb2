/** Two file systems in folders, and the program between them as an instance runs it. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mounts } from '#core/filesystems/mounts.ts';
import { runTask, type TaskOutcome } from '#core/filesystems/run-task.ts';
import type { BackupTask, RestoreTask, Task, VerifyTask } from '#core/filesystems/task.ts';

export const ids = { source: 'fs-0000000a', vault: 'fs-0000000b', target: 'fs-0000000c' } as const;

export interface World {
  folder: string;
  source: string;
  vault: string;
  target: string;
  /** Which file system is said to be mounted where; a test may change it. */
  mounted: Map<string, string>;
  /** The folder of the snapshots. */
  series: string;
  backUp: (changes?: Partial<BackupTask>, signal?: AbortSignal) => Promise<TaskOutcome>;
  restore: (changes?: Partial<RestoreTask>, signal?: AbortSignal) => Promise<TaskOutcome>;
  verify: (changes?: Partial<VerifyTask>) => Promise<TaskOutcome>;
  run: (task: Task, signal?: AbortSignal) => Promise<TaskOutcome>;
  /** Names of what can be seen among the snapshots. */
  snapshots: () => Promise<string[]>;
  /** The tree of the snapshot with this name, or of the newest. */
  tree: (snapshot?: string) => Promise<string>;
}

/** Memory where there is some to spare: the disk would only make it slower. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export function taskOf(number: number): BackupTask {
  return {
    format: 1,
    id: `backup-${number}`,
    action: 'backup',
    source: { id: ids.source },
    vault: { id: ids.vault },
    label: 'efs-backup',
    interval: 'daily',
    windowEnds: new Date(Date.now() + 3_600_000).toISOString(),
    workers: 4,
    prefix: '/',
    retain: 100,
    snapshot: snapshotName(number),
    acceptEmpty: false,
  };
}

export function snapshotName(number: number): string {
  const time = new Date(Date.UTC(2026, 10, 1) + number * 1000).toISOString();
  return `${time.slice(0, 10)}T${time.slice(11, 19).replaceAll(':', '')}Z`;
}

/** For the body of a `describe`: a fresh world for each test. */
export function useWorld(): () => World {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => closeWorld(world));
  return () => world;
}

export async function closeWorld({ folder }: World): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Every unchanged file is compared by content in one of so many runs. */
export const comparePeriod = 3;

export async function openWorld(given?: string): Promise<World> {
  const folder = given ?? (await mkdtemp(join(base, 'holdfast-efs-')));
  const [source, vault, target] = ['source', 'vault', 'target'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const place of [source, vault, target]) await mkdir(place, { recursive: true });
  const mounted = new Map<string, string>([
    [source, ids.source],
    [vault, ids.vault],
    [target, ids.target],
  ]);
  const mounts: Mounts = {
    fileSystemAt: (place) => Promise.resolve(mounted.get(place)),
    mount: () => Promise.resolve(),
  };
  const series = join(vault, 'efs-backup', 'daily');
  let number = 0;
  const never = new AbortController().signal;
  const run = (task: Task, signal = never): Promise<TaskOutcome> =>
    // What was written a moment ago counts as settled: there is only one clock here.
    runTask(task, { mounts, folder, signal, log: () => undefined, settledMs: 0, comparePeriod });
  const snapshots = async (): Promise<string[]> =>
    (await readdir(series).catch(() => [] as string[])).filter((name) => !name.startsWith('.')).sort();
  return {
    folder,
    source,
    vault,
    target,
    mounted,
    series,
    run,
    backUp: (changes, signal) => run({ ...taskOf(++number), ...changes }, signal),
    restore(changes, signal) {
      const { prefix: _, retain: _r, snapshot: _s, acceptEmpty: _a, ...common } = taskOf(0);
      const target = { fileSystem: { id: ids.target }, folder: '/restored', inPlace: false };
      const own = { action: 'restore', path: '/', target, delete: false, dryRun: false, verify: 'all' } as const;
      return run({ ...common, ...own, ...changes }, signal);
    },
    verify(changes) {
      const { prefix: _, retain: _r, snapshot: _s, acceptEmpty: _a, ...common } = taskOf(0);
      return run({ ...common, action: 'verify', ...changes });
    },
    snapshots,
    async tree(snapshot) {
      return join(series, snapshot ?? (await snapshots()).at(-1) ?? '', 'tree');
    },
  };
}
