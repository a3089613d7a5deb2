import { basename, join, resolve } from 'node:path';
import { say } from '../say.ts';
import { describe, type BenchRepository } from './bench-repository.ts';
import { git } from './git.ts';
import { repack } from './make-repository.ts';

/** Copies a repository of the user, with all its refs, since it will be repacked and served. */
export async function takeGiven(path: string, number: number, workspace: string): Promise<BenchRepository> {
  const name = `${basename(resolve(path)).replace(/\.git$/, '') || 'given'}-${number}`;
  say(`copying and repacking ${path}`);
  const folder = join(workspace, `${name}.git`);
  await git(['clone', '--quiet', '--mirror', '--no-local', resolve(path), folder]);
  await repack(folder);
  return describe(name, 'history', folder);
}
