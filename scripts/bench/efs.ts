/**
 * `npm run bench:efs`: measures snapshots of a file system beside the sequence of the EFS-to-EFS solution (hard-link
 * copy, fpsync, rsync --delete) and a single rsync, on one tree in one run. Arguments: the folder to work in, and how
 * many files.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeTree } from '#core/filesystems/remove-tree.ts';
import { runTask } from '#core/filesystems/run-task.ts';
import { withThreads } from '#core/filesystems/threads.ts';

const [base = tmpdir(), wanted = '200000'] = process.argv.slice(2);
const files = Number(wanted);
const perFolder = 100;
const folder = mkdtempSync(join(base, 'holdfast-bench-efs-'));
const source = join(folder, 'source');
const workers = availableParallelism() * 16;
const lines: [string, ...number[]][] = [];
const seconds: Record<string, number> = {};

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, ...args: string[]): void =>
  void execFileSync(program, args, { stdio: 'ignore', maxBuffer: 1 << 28 });

async function time(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function fill(): void {
  for (let number = 0; number < files; number++) {
    const inner = join(
      source,
      `part-${Math.floor(number / perFolder) % 40}`,
      `folder-${Math.floor(number / perFolder)}`,
    );
    if (number % perFolder === 0) mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `file-${number}`), `content of ${number} `.repeat(1 + (number % 100)));
  }
}

function changeOneInHundred(): void {
  for (let number = 0; number < files; number += 100)
    writeFileSync(
      join(
        source,
        `part-${Math.floor(number / perFolder) % 40}`,
        `folder-${Math.floor(number / perFolder)}`,
        `file-${number}`,
      ),
      'changed',
    );
}

const old = join(folder, 'old');
/** As efs-backup-fpsync.sh does it; fpsync goes down the folders itself, so it is given `-a` without its `-r`. */
function oldSequence(first: boolean): void {
  mkdirSync(join(old, '0'), { recursive: true });
  if (!first) {
    rmSync(join(old, '1'), { recursive: true, force: true });
    run('cp', '-al', join(old, '0'), join(old, '1'));
  }
  run('fpsync', '-n', String(workers), '-o', '-lptgoD --numeric-ids', `${source}/`, `${join(old, '0')}/`);
  run(
    'rsync',
    '-r',
    '--delete',
    '--existing',
    '--ignore-existing',
    '--ignore-errors',
    `${source}/`,
    `${join(old, '0')}/`,
  );
}

let singles = 0;
function singleRsync(): void {
  const before = join(folder, 'single', String(singles++));
  const target = join(folder, 'single', String(singles));
  mkdirSync(target, { recursive: true });
  const link = singles > 1 ? [`--link-dest=${before}`] : [];
  run('rsync', '-aHAXS', '--numeric-ids', ...link, `${source}/`, `${target}/`);
}

let snapshots = 0;
async function holdfast(): Promise<void> {
  const ids: Record<string, string> = { [source]: 'fs-0000000a', [join(folder, 'vault')]: 'fs-0000000b' };
  mkdirSync(join(folder, 'vault'), { recursive: true });
  const { result } = await runTask(
    {
      format: 1,
      id: 'backup-bench',
      action: 'backup',
      source: { id: 'fs-0000000a' },
      vault: { id: 'fs-0000000b' },
      label: 'bench',
      interval: 'daily',
      windowEnds: new Date(Date.now() + 86_400_000).toISOString(),
      prefix: '/',
      retain: 100,
      acceptEmpty: false,
      snapshot: `2026-01-01T0000${String(snapshots++).padStart(2, '0')}Z`,
    },
    {
      mounts: { fileSystemAt: (place) => Promise.resolve(ids[place]), mount: () => Promise.resolve() },
      folder,
      signal: new AbortController().signal,
      log: () => undefined,
    },
  );
  if (result.status !== 'success') throw new Error(JSON.stringify(result.problem));
}

async function measure(name: string, first = false): Promise<void> {
  const ours = await time(holdfast);
  const theirs = await time(() => oldSequence(first));
  const single = await time(singleRsync);
  seconds[name] = theirs / ours;
  lines.push([name, ours, theirs, single]);
  process.stderr.write(`${name}: ${[ours, theirs, single].map((value) => value.toFixed(1)).join(', ')} s\n`);
}

if (spawnSync('fpsync', ['-h'], { stdio: 'ignore' }).error)
  throw new Error('needs fpsync: apt-get install fpart rsync');
fill();
await measure('first copy', true);
// Files that changed within a minute of a copy's beginning are looked at by rsync once more: no state to measure.
await pause(61_000);
await holdfast();
await measure('nothing changed');
changeOneInHundred();
await measure('1% changed');

run('cp', '-al', join(old, '0'), join(folder, 'one'));
run('cp', '-al', join(old, '0'), join(folder, 'two'));
const removed = await time(() =>
  withThreads(16, new AbortController().signal, (threads) => removeTree(join(folder, 'one'), threads)),
);
const byRm = await time(() => run('rm', '-rf', join(folder, 'two')));
lines.push(['removal', removed, byRm, byRm]);

process.stdout.write(`\n${files} files, ${availableParallelism()} processors, ${base}\n\n`);
process.stdout.write('| | Holdfast | old sequence (removal: rm -rf) | single rsync |\n| --- | --- | --- | --- |\n');
for (const [name, ...values] of lines)
  process.stdout.write(`| ${name} | ${values.map((value) => `${value.toFixed(1)} s`).join(' | ')} |\n`);
const reached = seconds['nothing changed'] ?? 0;
process.stdout.write(`\nnothing changed: ${reached.toFixed(1)}× the old sequence; wanted at least 3×\n`);
