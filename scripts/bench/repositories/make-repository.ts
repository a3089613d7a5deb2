import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { say } from '../say.ts';
import { describe, type BenchRepository } from './bench-repository.ts';
import { git } from './git.ts';
import { history } from './history.ts';
import { randomBlobs } from './random-blobs.ts';
import type { Recipe } from './recipes.ts';

/** To be raised when the same recipe shall give another repository. */
const generation = 1;

/** Kept between runs, since making the large ones takes minutes. */
const cache = join(tmpdir(), `holdfast-bench-cache-${userInfo().username}`);

/** Makes a repository, or takes it from an earlier run of the benchmark. */
export async function makeRepository(recipe: Recipe, fresh: boolean, workspace: string): Promise<BenchRepository> {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([generation, recipe]))
    .digest('hex')
    .slice(0, 8);
  const folder = join(cache, `${recipe.name}-${fingerprint}.git`);
  const present = await stat(folder).catch(() => undefined);
  if (fresh || !present) {
    say(`making ${recipe.name}`);
    await removeOlder(recipe.name);
    // Elsewhere until it is whole, so that an interrupted run leaves nothing that looks like a repository.
    const unfinished = join(workspace, `${recipe.name}.git`);
    await build(recipe, unfinished);
    await rename(unfinished, folder);
  }
  return describe(recipe.name, recipe.kind, folder);
}

/** What earlier recipes of that name made is of no use any more. */
async function removeOlder(name: string): Promise<void> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(cache))
    if (entry.startsWith(`${name}-`)) await rm(join(cache, entry), { recursive: true, force: true });
}

async function build(recipe: Recipe, folder: string): Promise<void> {
  await git(['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  const stream = recipe.kind === 'history' ? history(recipe.shape) : randomBlobs(recipe.seed, recipe.bytes);
  // Blobs above this are neither compressed against each other nor held in memory.
  const wholeAbove = 'core.bigFileThreshold=768k';
  await git(['-C', folder, '-c', wholeAbove, 'fast-import', '--quiet', '--active-branches=8'], stream);
  await repack(folder, wholeAbove);
}

/** One pack with a bitmap, as large hosts keep repositories: then a fetch of everything costs the server little. */
export async function repack(folder: string, setting = 'core.bigFileThreshold=512m'): Promise<void> {
  await git(['-C', folder, '-c', setting, 'repack', '-a', '-d', '-q', '--write-bitmap-index']);
  await git(['-C', folder, 'pack-refs', '--all']);
}
