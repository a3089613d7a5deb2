import { lstat, mkdir, readFile, readdir, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { firstOf, whyJavascriptFailed } from '#core/git/javascript-git.ts';
import { runGit } from '#core/git/native.ts';
import type { Indexer } from '#core/git/pack-index.ts';
import { HoldfastError, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import { syncFolders, syncTree } from '#core/runtime/sync-tree.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { buildMirror } from './build-mirror.ts';
import type { RepositoryContent } from './content.ts';
import { refsIn } from './mirror-files.ts';
import { RestoreJournal } from './restore-journal.ts';
import { withRememberedFolders } from './remembered-folders.ts';
import { checkoutError, targetError } from './target-error.ts';

export interface FolderRestore {
  target: string;
  /** A working tree with its repository in `.git`, instead of a bare mirror. */
  checkout: boolean;
  indexer: Indexer;
  signal?: AbortSignal | undefined;
  onProgress?: (bytes: number) => void;
  onPhase?: (phase: Phase) => void;
}

/**
 * Restores a snapshot into a folder that does not exist yet or is empty. Until all is in place everything stands
 * beside it under another name, so that what has the target's name is always complete; an interrupted restore of the
 * same snapshot continues where it stopped.
 * @throws {HoldfastError} TargetNotEmpty, Damaged
 */
export async function restoreToFolder(vault: Vault, content: RepositoryContent, options: FolderRestore): Promise<void> {
  try {
    await restore(vault, content, options);
  } catch (error) {
    throw targetError(path.resolve(options.target), error);
  }
}

async function restore(vault: Vault, content: RepositoryContent, options: FolderRestore): Promise<void> {
  const target = await freeTarget(options.target);
  const firstMade = await mkdir(path.dirname(target), { recursive: true });
  const partial = `${target}.holdfast-partial`;
  await startOrResume(partial, `${content.snapshot.digest} ${options.checkout ? 'checkout' : 'bare'}\n`);
  const repository = path.join(partial, 'repository');
  const gitFolder = options.checkout ? path.join(repository, '.git') : repository;
  await mkdir(gitFolder, { recursive: true });
  const journal = await RestoreJournal.open(path.join(partial, 'journal.json'));
  await buildMirror(vault, content, gitFolder, { ...options, journal });
  throwIfInterrupted(options.signal);
  if (options.checkout) {
    options.onPhase?.('checking out');
    await checkOut(repository, gitFolder, options.indexer, options.signal);
  }
  // Its name must not outlast a power cut that its content does not.
  await syncTree(repository, { many: options.checkout });
  await moveInto(repository, target);
  await syncFolders(path.dirname(target), firstMade);
  await rm(partial, { recursive: true });
}

/** The folder to restore into, with links followed. @throws {HoldfastError} TargetNotEmpty, or Usage for a mount point */
export async function freeTarget(named: string): Promise<string> {
  const target = await realpath(named).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (target === undefined) return path.resolve(named);
  const found = await stat(target);
  if (!found.isDirectory() || (await readdir(target)).length > 0)
    throw new HoldfastError('TargetNotEmpty', `${target} is not empty`, {
      advice: 'A restore never overwrites anything: name a folder that does not exist yet.',
    });
  if (found.dev !== (await stat(path.dirname(target))).dev)
    throw new HoldfastError('Usage', `${target} is a mount point, so it cannot be replaced in one step`, {
      advice: `Name a folder in it: ${path.join(target, 'restored')}`,
    });
  return target;
}

/** What an interrupted restore left is only built on when it is of the very same snapshot, restored the same way. */
async function startOrResume(partial: string, marker: string): Promise<void> {
  await refuseOthers(partial);
  const file = path.join(partial, 'snapshot');
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === marker) return;
  const entries = await readdir(partial).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    if (systemCode(error) === 'ENOTDIR') return ['a file'];
    throw error;
  });
  // The marker is the first thing in the folder; one that is empty was cut off when nothing else was there.
  const begun = entries.length === 0 || (entries.length === 1 && found === '');
  const ours = begun || (found !== undefined && isMarker(found));
  if (!ours)
    throw new HoldfastError('TargetNotEmpty', `${partial} is in the way and was not made by Holdfast`, {
      advice: 'Move it away.',
    });
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(file, marker);
}

/**
 * Any user who may write to a folder in which a restore continues decides its result; so in a folder like /tmp nothing is
 * taken over that belongs to others, or that they may write to.
 */
async function refuseOthers(partial: string): Promise<void> {
  const found = await lstat(partial).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return;
  if (!found.isDirectory())
    throw new HoldfastError('TargetNotEmpty', `${partial} is in the way and was not made by Holdfast`, {
      advice: 'Move it away.',
    });
  if (process.getuid && found.uid !== process.getuid())
    throw new HoldfastError('TargetNotEmpty', `${partial} belongs to another user`, {
      advice: 'Name another target, or have it moved away.',
    });
  const marker = await readFile(path.join(partial, 'snapshot'), 'utf8').catch(() => '');
  // What an earlier version of Holdfast left has the mode that the umask gave it.
  if ((found.mode & othersMayWrite) !== 0 && isMarker(marker)) await rm(partial, { recursive: true });
}

/** Bits of a mode: write, for the group and for all others. */
const othersMayWrite = 0o022;

function isMarker(text: string): boolean {
  return /^[0-9a-f]{64} (bare|checkout)\n$/.test(text);
}

async function checkOut(
  folder: string,
  gitFolder: string,
  indexer: Indexer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const config = path.join(gitFolder, 'config');
  await writeFile(config, (await readFile(config, 'utf8')).replace('bare = true', 'bare = false'));
  const { head, refs } = await refsIn(gitFolder);
  const branch = /^ref: (.+)$/.exec(head)?.[1];
  // A repository whose HEAD has no commit has no files to check out.
  if (branch !== undefined && !refs.has(branch)) return;
  if (indexer === 'native') {
    // Left by a git that was killed with an earlier attempt.
    await rm(path.join(gitFolder, 'index.lock'), { force: true });
    const readTree = ['read-tree', '--reset', '--no-recurse-submodules', '-u', 'HEAD'];
    const repository = { folder: gitFolder, files: folder };
    const { code, errors } = await runGit(readTree, { repository, accept: [1, 128], signal });
    if (code !== 0) throw checkoutError(folder, errors);
    return;
  }
  const { default: git } = await import('isomorphic-git');
  // By its commit, since the name of a branch may be any bytes; HEAD stands already.
  const ref = branch === undefined ? head : (refs.get(branch) ?? head);
  try {
    const files = withRememberedFolders();
    await git.checkout({ fs: files, dir: folder, gitdir: gitFolder, ref, force: true, noUpdateHead: true });
  } catch (error) {
    const first = firstOf(error);
    // In a folder that only we write, the tree itself is to blame for these: it has one name twice.
    const ofTree = ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(systemCode(first) ?? '');
    const cause = ofTree ? first : targetError(folder, first);
    if (cause instanceof HoldfastError) throw cause;
    throw new HoldfastError('SourceUnsupported', `its files cannot be checked out: ${whyJavascriptFailed(first)}`, {
      cause: error,
      advice: 'Install git, or restore without --checkout.',
    });
  }
}

async function moveInto(repository: string, target: string): Promise<void> {
  try {
    // An empty folder in the target's place gives way; one that was filled meanwhile does not.
    await rmdir(target).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    await rename(repository, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
    throw new HoldfastError('TargetNotEmpty', `another program wrote to ${target} meanwhile`, { cause: error });
  }
}
