import { cp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serveAs, type Bench } from '../bench-context.ts';
import { bytesIn } from '../measure/disk-use.ts';
import type { Contender } from '../measure/contender.ts';
import { inTurns } from '../measure/in-turns.ts';
import type { BenchRepository } from '../repositories/bench-repository.ts';
import { git } from '../repositories/git.ts';
import { laterCommits } from '../repositories/later-commits.ts';
import { contender, type CaseResult } from './case-result.ts';
import { backUpToFolder, shell, vaultIn } from './commands.ts';
import { runUnmeasured } from './run-unmeasured.ts';

const commits = 100;

/** The next backup: after some commits, and after none. */
export async function incrementalBackup(bench: Bench, repository: BenchRepository): Promise<CaseResult> {
  const base = join(bench.workspace, `base-${repository.name}`);
  const url = await serveAs(bench, repository.name, repository.folder);
  await runUnmeasured(base, backUpToFolder(bench, base, url));
  await git(['clone', '--quiet', '--mirror', url, join(base, 'mirror.git')]);
  const later = await withLaterCommits(repository, join(base, 'later.git'));
  const serve = (source: string) => serveAs(bench, repository.name, source);
  const contenders = [
    onTopOf(bench, contender.incremental, base, url, () => serve(later)),
    onTopOf(bench, contender.unchanged, base, url, () => serve(repository.folder)),
    updateAndTar(base, () => serve(later)),
  ];
  const rows = await inTurns(contenders, bench.options.runs, bench.workspace);
  await rm(base, { recursive: true, force: true });
  return { case: 'incremental', repository, rows, notes: [`${commits} commits later`] };
}

async function withLaterCommits(repository: BenchRepository, folder: string): Promise<string> {
  await git(['clone', '--quiet', '--mirror', repository.folder, folder]);
  const branch = await git(['-C', folder, 'symbolic-ref', 'HEAD']);
  await git(['-C', folder, 'fast-import', '--quiet'], laterCommits(branch, commits));
  return folder;
}

function onTopOf(bench: Bench, name: string, base: string, url: string, serve: () => Promise<unknown>): Contender {
  let before = 0;
  return {
    name,
    prepare: async (folder) => {
      await cp(vaultIn(base), vaultIn(folder), { recursive: true });
      before = await bytesIn(vaultIn(folder));
      await serve();
    },
    command: (folder) => backUpToFolder(bench, folder, url),
    inspect: async (folder) => {
      const vault = await bytesIn(vaultIn(folder));
      return { stored: vault - before, left: (await bytesIn(folder)) - vault };
    },
  };
}

/** What a system does that keeps its mirror from time to time and archives it again. */
function updateAndTar(base: string, serve: () => Promise<unknown>): Contender {
  return {
    name: contender.updateTar,
    prepare: async (folder) => {
      await cp(join(base, 'mirror.git'), join(folder, 'mirror.git'), { recursive: true });
      await serve();
    },
    command: (folder) =>
      shell(folder, 'git -C mirror.git remote update 2>update.log; tar czf mirror.tar.gz mirror.git', []),
    inspect: async (folder) => {
      const { size } = await stat(join(folder, 'mirror.tar.gz'));
      return { stored: size, left: (await bytesIn(folder)) - size };
    },
  };
}
