import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { compareFiles, type Comparison } from './compare-files.ts';
import { copyTree, type CopyOutcome } from './copy-tree.ts';
import type { DigestList } from './digest-list.ts';
import { joinList } from './names.ts';
import { goDown, makeFolders, partsOf } from './restore-target.ts';
import { everything, listed, runRsync, type RsyncResult } from './rsync.ts';
import { treeOf, type Series, type Snapshot } from './snapshots.ts';
import { openSpool } from './spool.ts';
import type { Counts } from './thread-jobs.ts';
import type { Threads } from './threads.ts';

export interface RestoreOptions {
  series: Series;
  snapshot: Snapshot;
  /** What is restored of it; `/` for all. */
  path: string;
  target: {
    mount: string;
    /** The folder of the target's file system that stands for the root of the snapshot. */
    folder: string;
    inPlace: boolean;
  };
  /** Remove what the snapshot does not have. Only in place. */
  delete: boolean;
  /** More than so many removals are refused. */
  maxDelete: number | undefined;
  verify: 'sample' | 'all';
  /** Of the snapshot's files; where they are not known, what was restored is compared with the snapshot itself. */
  digests: DigestList | undefined;
  threads: Threads;
  workers: number;
  signal: AbortSignal;
  onProgress?: ((done: Counts) => void) | undefined;
}

export interface Restored {
  /** Where it went, from the root of the target's file system. */
  folder: string;
  copied: Pick<CopyOutcome, 'counts' | 'filesTransferred' | 'bytesTransferred'>;
  deleted: number;
  comparison: Comparison;
}

/** What a restore would do. */
export interface Preview {
  folder: string;
  filesTransferred: number;
  bytesTransferred: number;
  deleted: number;
}

/** In a new folder for as long as its restore is not complete: which one may go on in it. */
const markerName = '.holdfast-restore.json';

/**
 * Brings a snapshot back, or one folder of it, which goes to the very folder of the target that it belongs to. Nothing
 * outside of that is touched, and nothing is removed unless it was asked for.
 * @throws {HoldfastError} NotFound, Damaged, Usage, TargetNotEmpty, CopyFailed, StorageFailed, Interrupted
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { target, threads, workers, signal, verify, onProgress } = options;
  const source = await openTree(options);
  const root = await openTarget(options);
  const due = options.delete ? await countDeletions(options, source) : 0;
  const parts = partsOf(options.path);
  const marker = target.inPlace ? undefined : path.join(root.whole, markerName);
  await makeFolders(root.folder, root.absent);
  if (marker !== undefined) await writeFile(marker, markerOf(options));
  const { folder, absent } = await goDown(root.whole, parts);
  const to = await makeFolders(folder, absent);
  await dressAncestors(options, { root: root.whole, absent });
  return withScratchFolder('efs', async (scratch) => {
    const paths = openSpool(path.join(scratch, 'copied'));
    try {
      const onCopied = (list: Uint8Array): void => paths.add(list);
      // A folder where the snapshot has a file stands in its way; it goes only where things may be removed.
      const rsyncOptions = options.delete ? ['--force'] : [];
      const copied = await copyTree({
        rsyncOptions,
        from: source,
        to,
        candidates: [],
        threads,
        workers,
        signal,
        onProgress,
        onCopied,
      });
      const { deleted } = options.delete ? await removeOthers(options, source, to, due) : { deleted: 0 };
      const comparison = await compareFiles({
        left: source,
        right: to,
        paths,
        which: verify,
        digests: options.digests && { list: options.digests, below: parts.join('/') },
        threads,
      });
      if (marker !== undefined) {
        await rm(marker);
        await dressRoot(options, root.whole);
      }
      return { folder: path.join('/', target.folder, ...parts), copied, deleted, comparison };
    } finally {
      paths.close();
    }
  });
}

/** Counts what `restore` would copy and remove, and changes nothing. @throws {HoldfastError} as restore does */
export async function previewRestore(options: RestoreOptions): Promise<Preview> {
  const source = await openTree(options);
  const root = await openTarget(options);
  const parts = partsOf(options.path);
  const { folder, absent } = root.absent.length > 0 ? root : await goDown(root.whole, parts);
  const count = (to: string): Promise<RsyncResult> => dryRun(options, source, to);
  const { files, bytes, deleted } = absent.length > 0 ? await withScratchFolder('efs', count) : await count(folder);
  return {
    folder: path.join('/', options.target.folder, ...parts),
    filesTransferred: files,
    bytesTransferred: bytes,
    deleted,
  };
}

/** The folder of the snapshot that is to be restored. */
async function openTree({ series, snapshot, path: inner, delete: removes }: RestoreOptions): Promise<string> {
  const { name, manifest } = snapshot;
  const place = `${series.name}/${name}`;
  if (manifest.statistics.files === 0)
    throw new HoldfastError('Usage', `the snapshot ${place} holds no files`, {
      advice: 'Choose an older snapshot: holdfast list efs shows how much each holds.',
    });
  const tree = treeOf(series, name);
  if (!(await isFolder(tree)))
    throw new HoldfastError('Damaged', `the tree of the snapshot ${place} is gone`, { advice: 'Choose another.' });
  const { folder, absent } = await goDown(tree, partsOf(inner));
  if (absent.length > 0) throw new HoldfastError('NotFound', `the snapshot ${place} has no folder ${inner}`);
  const { entries } = await countHead(folder);
  if (entries === 0 && removes)
    throw new HoldfastError('Usage', `the folder ${inner} of the snapshot ${place} is empty`, {
      advice: 'A restore with --delete would empty the target. If that is what you want, remove its content by hand.',
    });
  return folder;
}

async function countHead(folder: string): Promise<{ entries: number }> {
  const { opendir } = await import('node:fs/promises');
  const handle = await opendir(folder, { encoding: 'latin1' });
  try {
    return { entries: (await handle.read()) === null ? 0 : 1 };
  } finally {
    await handle.close();
  }
}

interface Target {
  /** The deepest folder that is there, and what is absent below it. */
  folder: string;
  absent: string[];
  whole: string;
}

async function openTarget(options: RestoreOptions): Promise<Target> {
  const { target, delete: removes } = options;
  const { folder, absent } = await goDown(target.mount, partsOf(target.folder));
  const whole = path.join(folder, ...absent);
  if (target.inPlace) {
    if (absent.length > 0)
      throw new HoldfastError('NotFound', `the target has no folder ${target.folder} to restore in place`, {
        advice: 'Restore into a new folder instead.',
      });
    return { folder, absent, whole };
  }
  if (removes)
    throw new HoldfastError('Usage', 'only a restore in place can remove anything: a new folder holds nothing');
  if (absent.length === 0 && !(await isOurs(options, whole)))
    throw new HoldfastError('TargetNotEmpty', `the target already has a folder ${target.folder}`, {
      advice: 'Name a folder that does not exist yet, or restore in place.',
    });
  return { folder, absent, whole };
}

/** Whether an earlier attempt at this very restore began the folder. */
async function isOurs(options: RestoreOptions, folder: string): Promise<boolean> {
  try {
    return (await readFile(path.join(folder, markerName), 'utf8')) === markerOf(options);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function markerOf({ series, snapshot, path: inner }: RestoreOptions): string {
  return `${JSON.stringify({ format: 1, snapshot: `${series.name}/${snapshot.name}`, path: inner })}\n`;
}

/** Gives the folders above the restored one, where they had to be made, what they have in the snapshot. */
async function dressAncestors(
  { series, snapshot, path: inner, signal }: RestoreOptions,
  { root, absent }: { root: string; absent: readonly string[] },
): Promise<void> {
  const parts = partsOf(inner);
  const from = treeOf(series, snapshot.name);
  const missing = parts.map((_, at) => parts.slice(0, at + 1)).slice(parts.length - absent.length);
  const lists = [joinList(missing.map((names) => Buffer.from(names.join('/'))))];
  if (missing.length > 0)
    await runRsync({ options: [...everything, '--dirs', ...listed], from, to: root, lists, signal });
}

/** Gives a new folder what the root of the snapshot has, once nothing in it changes any more. */
async function dressRoot({ series, snapshot, signal }: RestoreOptions, root: string): Promise<void> {
  const from = treeOf(series, snapshot.name);
  await runRsync({ options: [...everything, '--dirs', '--exclude=/*'], from, to: root, signal });
}

function dryRun({ signal, delete: removes }: RestoreOptions, from: string, to: string): Promise<RsyncResult> {
  const options = ['--dry-run', '--recursive', ...everything, ...(removes ? ['--delete'] : [])];
  return runRsync({ options, from, to, signal });
}

/** @returns how many removals are due @throws {HoldfastError} TooLarge where that is more than was allowed */
async function countDeletions(options: RestoreOptions, source: string): Promise<number> {
  const { target, maxDelete } = options;
  const { folder, absent } = await goDown(target.mount, [...partsOf(target.folder), ...partsOf(options.path)]);
  if (absent.length > 0) return 0;
  const { deleted } = await dryRun(options, source, folder);
  if (maxDelete !== undefined && deleted > maxDelete)
    throw new HoldfastError('TooLarge', `${deleted} entries would be removed, and ${maxDelete} are allowed`, {
      advice: 'Nothing was changed. Count again with --dry-run, and raise the limit if the number is right.',
    });
  return deleted;
}

/**
 * Removes what the snapshot does not have, at most as much as was counted before, and puts right the times of the
 * folders that it was removed from.
 */
function removeOthers({ signal }: RestoreOptions, from: string, to: string, due: number): Promise<RsyncResult> {
  const options = ['--recursive', ...everything, '--delete', `--max-delete=${due}`];
  return runRsync({ options, from, to, signal });
}

async function isFolder(place: string): Promise<boolean> {
  return lstat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
