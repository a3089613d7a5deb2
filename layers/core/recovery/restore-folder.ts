import { cp, mkdir, readFile, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import fs from 'node:fs';
import path from 'node:path';
import { runGit } from '#core/git/native.ts';
import type { Indexer } from '#core/git/pack-index.ts';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import type { Vault } from '#core/vault/vault.ts';
import { buildMirror } from './build-mirror.ts';
import type { RepositoryContent } from './content.ts';

export interface FolderRestore {
  target: string;
  /** A working tree with its repository in `.git`, instead of a bare mirror. */
  checkout: boolean;
  indexer: Indexer;
  signal?: AbortSignal | undefined;
  onProgress?: (bytes: number) => void;
}

/**
 * Restores a snapshot into a folder that does not exist yet or is empty. Until all is in place everything stands
 * beside it under another name, so that what bears the target's name is always whole; an interrupted restore of the
 * same snapshot goes on where it was.
 * @throws {HoldfastError} TargetNotEmpty
 */
export async function restoreToFolder(vault: Vault, content: RepositoryContent, options: FolderRestore): Promise<void> {
  const target = path.resolve(options.target);
  await refuseUnlessFree(target);
  const partial = `${target}.holdfast-partial`;
  await startOrResume(partial, content.snapshot.digest);
  const repository = path.join(partial, 'repository');
  const gitFolder = options.checkout ? path.join(repository, '.git') : repository;
  await mkdir(gitFolder, { recursive: true });
  await buildMirror(vault, content, gitFolder, { ...options, journal: path.join(partial, 'journal.json') });
  if (options.checkout) await checkOut(repository, gitFolder, content, options.indexer);
  await moveInto(repository, target);
  await rm(partial, { recursive: true });
}

async function refuseUnlessFree(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    if (systemCode(error) === 'ENOTDIR') return ['a file'];
    throw error;
  });
  if (entries.length > 0)
    throw new HoldfastError('TargetNotEmpty', `${target} is not empty`, {
      advice: 'Nothing is ever restored over something: name a folder that does not exist yet.',
    });
}

/** What an interrupted restore left is only built on when it is of the very same snapshot. */
async function startOrResume(partial: string, digest: string): Promise<void> {
  const marker = path.join(partial, 'snapshot');
  const found = await readFile(marker, 'utf8').catch(() => undefined);
  if (found === digest) return;
  const entries = await readdir(partial).catch(() => []);
  if (found === undefined && entries.length > 0)
    throw new HoldfastError('TargetNotEmpty', `${partial} is in the way and not ours`, { advice: 'Move it away.' });
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(marker, digest);
}

async function checkOut(
  folder: string,
  gitFolder: string,
  { head, refs }: RepositoryContent,
  indexer: Indexer,
): Promise<void> {
  const config = path.join(gitFolder, 'config');
  await writeFile(config, (await readFile(config, 'utf8')).replace('bare = true', 'bare = false'));
  const born = head.type === 'detached' || (head.type === 'branch' && refs.has(head.ref));
  // A repository whose HEAD has no commit has no files to check out.
  if (!born) return;
  if (indexer === 'native') {
    // Large files of Git LFS would be fetched from a server that may no longer exist.
    await runGit(['reset', '--hard', '--quiet'], { cwd: folder, environment: { GIT_LFS_SKIP_SMUDGE: '1' } });
    return;
  }
  const { default: git } = await import('isomorphic-git');
  const ref = head.type === 'branch' ? head.ref.replace('refs/heads/', '') : head.oid;
  await git.checkout({ fs, dir: folder, gitdir: gitFolder, ref, force: true });
}

async function moveInto(repository: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  // An empty folder in the target's place gives way; should it have been filled meanwhile, this fails.
  await rmdir(target).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  await rename(repository, target).catch(async (error: unknown) => {
    if (systemCode(error) !== 'EXDEV') throw error;
    await cp(repository, target, { recursive: true, errorOnExist: true, force: false });
  });
}
