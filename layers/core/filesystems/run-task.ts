import { availableParallelism } from 'node:os';
import path from 'node:path';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { version } from '#core/runtime/version.ts';
import { backUp, digestsOf } from './back-up.ts';
import { ensureMounted } from './mounted.ts';
import type { Mounts } from './mounts.ts';
import { previewRestore, restore, type RestoreOptions } from './restore.ts';
import { applyRetention } from './retention.ts';
import { rsyncVersion } from './rsync.ts';
import { checkVault, claimVault } from './sentinel.ts';
import type { SnapshotManifest } from './snapshot-manifest.ts';
import { findSnapshot, seriesAt, treeOf } from './snapshots.ts';
import { openStages, type Stages } from './stages.ts';
import type { BackupTask, RestoreTask, Task, TaskResult, VerifyTask } from './task.ts';
import type { Counts } from './thread-jobs.ts';
import { withThreads, type Threads } from './threads.ts';
import { verifyTree } from './verify.ts';
import { withinWindow } from './window.ts';

export interface TaskContext {
  mounts: Mounts;
  /** Below it the file systems are mounted. */
  folder: string;
  /** Fires when a stop is requested. */
  signal: AbortSignal;
  log: (line: string) => void;
  /** See backUp. */
  settledMs?: number;
  comparePeriod?: number;
}

export interface TaskOutcome {
  result: TaskResult;
  /** Of the snapshot that was made. */
  manifest?: SnapshotManifest;
}

/** More threads than this gain nothing, and each takes some megabytes. */
const mostThreads = 16;
const mostWorkers = 64;

/** What a task has come to say beside how it ended. */
type Findings = Pick<TaskOutcome, 'manifest'> &
  Partial<Pick<TaskResult, 'snapshot' | 'statistics' | 'vanished' | 'removed' | 'restored' | 'compared'>> & {
    warnings: string[];
  };

interface Run {
  context: TaskContext;
  stages: Stages;
  findings: Findings;
  signal: AbortSignal;
  threads: Threads;
  workers: number;
}

/** Does what an instance was started for. Never throws: the result says how it ended. */
export async function runTask(task: Task, context: TaskContext): Promise<TaskOutcome> {
  const started = new Date().toISOString();
  const stages = openStages(context.log);
  const findings: Findings = { warnings: [] };
  let status: TaskResult['status'] = 'success';
  let problem: TaskResult['problem'];
  try {
    await withinWindow(task.windowEnds, context.signal, (signal) =>
      perform(task, { context, stages, findings, signal }),
    );
  } catch (error) {
    problem = problemOf(error);
    status = problem.code === 'Interrupted' ? 'incomplete' : 'failed';
    context.log(`${problem.code}: ${problem.message}`);
  }
  const { manifest, ...found } = findings;
  const rsync = await rsyncVersion().catch(() => undefined);
  const result: TaskResult = {
    format: 1,
    id: task.id,
    ...(task.nonce === undefined ? {} : { nonce: task.nonce }),
    action: task.action,
    status,
    ...(problem ? { problem } : {}),
    ...found,
    stages: stages.list,
    tool: { name: 'holdfast', version, ...(rsync === undefined ? {} : { rsync }) },
    started,
    finished: new Date().toISOString(),
  };
  return { result, ...(manifest ? { manifest } : {}) };
}

async function perform(task: Task, run: Omit<Run, 'threads' | 'workers'>): Promise<void> {
  const workers = Math.min(mostWorkers, task.workers ?? availableParallelism() * 16);
  await run.stages.run('mount', () => mountAll(task, run.context));
  await withThreads(Math.min(mostThreads, workers), run.signal, async (threads) => {
    const whole = { ...run, threads, workers };
    if (task.action === 'backup') await backUpAndClean(task, whole);
    else if (task.action === 'restore') await restoreAndCompare(task, whole);
    else await verifySnapshot(task, whole);
  });
}

function folderOf(context: TaskContext, which: 'source' | 'vault' | 'target'): string {
  return path.join(context.folder, which);
}

async function mountAll(task: Task, context: TaskContext): Promise<void> {
  const { mounts } = context;
  const { id } = task.vault;
  const other = task.action === 'restore' ? task.target.fileSystem.id : task.source.id;
  if (other === id)
    throw new HoldfastError('Usage', `${id} cannot be both the vault and a source`, {
      advice: 'Snapshots must be in another file system than their source.',
    });
  const vault = folderOf(context, 'vault');
  const ownership = { vault: id, source: task.source.id, label: task.label };
  await ensureMounted(mounts, task.vault, vault, { readOnly: task.action !== 'backup' });
  switch (task.action) {
    case 'backup':
      await ensureMounted(mounts, task.source, folderOf(context, 'source'), { readOnly: true });
      await claimVault(vault, ownership);
      break;
    case 'restore':
      await ensureMounted(mounts, task.target.fileSystem, folderOf(context, 'target'), { readOnly: false });
      await checkVault(vault, ownership);
      break;
    case 'verify':
      await checkVault(vault, ownership);
  }
}

async function backUpAndClean(task: BackupTask, run: Run): Promise<void> {
  const { context, stages, findings, signal, threads } = run;
  const series = seriesAt(folderOf(context, 'vault'), task);
  const manifest = await stages.run('copy', () =>
    backUp({
      ...run,
      source: { id: task.source.id, mount: folderOf(context, 'source') },
      vault: task.vault,
      series,
      label: task.label,
      interval: task.interval,
      prefix: task.prefix,
      snapshot: task.snapshot,
      acceptEmpty: task.acceptEmpty,
      settledMs: context.settledMs,
      comparePeriod: context.comparePeriod,
      onProgress: progressTo(context.log),
    }),
  );
  findings.manifest = manifest;
  findings.snapshot = manifest.snapshot;
  findings.statistics = manifest.statistics;
  findings.vanished = manifest.vanished.count;
  findings.warnings.push(...manifest.warnings);
  const { retain, snapshot: made } = task;
  try {
    findings.removed = await stages.run('remove', () => applyRetention(series, { retain, made, threads, signal }));
  } catch (error) {
    // The snapshot is made, whatever becomes of older ones.
    findings.removed = { snapshots: [], complete: false };
    findings.warnings.push(`older snapshots could not be removed: ${messageOf(error)}`);
  }
}

async function restoreAndCompare(task: RestoreTask, run: Run): Promise<void> {
  const { context, findings } = run;
  const series = seriesAt(folderOf(context, 'vault'), task);
  const snapshot = await findSnapshot(series, task.snapshot);
  findings.snapshot = snapshot.name;
  const digests = await digestsOf(series, snapshot);
  if (!digests)
    findings.warnings.push(
      snapshot.manifest.digests
        ? "the snapshot's list of digests is missing or damaged, so files were compared with the snapshot as it is now"
        : 'the snapshot was made before digests were kept, so files were compared with the snapshot as it is now',
    );
  try {
    await restoreWith(task, run, { series, snapshot, digests });
  } finally {
    digests?.close();
  }
}

async function restoreWith(
  task: RestoreTask,
  run: Run,
  { series, snapshot, digests }: Pick<RestoreOptions, 'series' | 'snapshot' | 'digests'>,
): Promise<void> {
  const { context, stages, findings } = run;
  const options: RestoreOptions = {
    ...run,
    digests,
    series,
    snapshot,
    path: task.path,
    target: { mount: folderOf(context, 'target'), folder: task.target.folder, inPlace: task.target.inPlace },
    delete: task.delete,
    maxDelete: task.maxDelete,
    verify: task.verify,
    onProgress: progressTo(context.log),
  };
  if (task.dryRun) {
    const { folder, deleted, ...transfer } = await stages.run('count', () => previewRestore(options));
    const { entries, files, bytes } = snapshot.manifest.statistics;
    findings.statistics = { entries, files, bytes, ...transfer };
    findings.restored = { folder, compared: 0, different: 0, deleted };
    return;
  }
  const { folder, copied, deleted, comparison } = await stages.run('restore', () => restore(options));
  const { filesTransferred, bytesTransferred, counts } = copied;
  const { entries, files, bytes } = counts;
  findings.statistics = { entries, files, bytes, filesTransferred, bytesTransferred };
  findings.restored = { folder, compared: comparison.compared, different: comparison.different, deleted };
  if (comparison.different > 0)
    throw new HoldfastError(
      'CopyFailed',
      `${comparison.different} of ${comparison.compared} files differ from the snapshot: ${comparison.names.join(', ')}`,
      { advice: 'Files that something wrote to during the restore differ; if nothing did, restore again.' },
    );
}

async function verifySnapshot(task: VerifyTask, { context, stages, findings, threads }: Run): Promise<void> {
  const series = seriesAt(folderOf(context, 'vault'), task);
  const snapshot = await findSnapshot(series, task.snapshot);
  const { name, manifest } = snapshot;
  findings.snapshot = name;
  const digests = await digestsOf(series, snapshot);
  const { counts, compared } = await stages
    .run('verify', () => verifyTree(treeOf(series, name), manifest, digests, threads))
    .finally(() => digests?.close());
  const { entries, files, bytes } = counts;
  findings.compared = compared;
  if (compared < files)
    findings.warnings.push(
      `${files - compared} of ${files} files have no digest yet: they are there and readable, and their content was not compared`,
    );
  findings.statistics = { entries, files, bytes, filesTransferred: 0, bytesTransferred: 0 };
}

/** A line every so often, in milliseconds, so that the log shows whether anything moves. */
const progressMs = 30_000;

function progressTo(log: (line: string) => void): (done: Counts) => void {
  let last = Date.now();
  return ({ entries, bytes }) => {
    if (Date.now() - last < progressMs) return;
    last = Date.now();
    log(`${entries} entries, ${bytes} bytes so far`);
  };
}

function problemOf(error: unknown): NonNullable<TaskResult['problem']> {
  if (!(error instanceof HoldfastError)) return { code: 'Unexpected', message: messageOf(error) };
  return { code: error.code, message: error.message, ...(error.advice === undefined ? {} : { advice: error.advice }) };
}
