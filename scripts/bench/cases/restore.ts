import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serveAs, type Bench } from '../bench-context.ts';
import type { Contender } from '../measure/contender.ts';
import { inTurns } from '../measure/in-turns.ts';
import type { BenchRepository } from '../repositories/bench-repository.ts';
import { git } from '../repositories/git.ts';
import { contender, type CaseResult } from './case-result.ts';
import { backUpToFolder, holdfast, shell, vaultIn } from './commands.ts';
import { runUnmeasured } from './run-unmeasured.ts';

/** Bringing a backup back to a Git server, whose own indexing takes most of the time. */
export async function restoreToServer(bench: Bench, repository: BenchRepository): Promise<CaseResult> {
  const base = join(bench.workspace, `stored-${repository.name}`);
  await mkdir(base);
  const url = await serveAs(bench, repository.name, repository.folder);
  await runUnmeasured(base, backUpToFolder(bench, base, url));
  await runUnmeasured(
    base,
    shell(base, 'git clone --quiet --mirror "$1" mirror.git && tar czf mirror.tar.gz mirror.git && rm -r mirror.git', [
      repository.folder,
    ]),
  );
  const archive = join(base, 'mirror.tar.gz');
  const bundle = await bundleIn(vaultIn(base));
  const pushed = 'git -C mirror.git push --quiet --mirror "$2"';
  const contenders = [
    toNewTarget(bench, contender.restore, (folder, target) =>
      holdfast(bench, folder, ['restore', url, '--quiet', '--vault', vaultIn(base), '--to', target]),
    ),
    toNewTarget(bench, contender.untarPush, (folder, target) =>
      shell(folder, `tar xzf "$1" && ${pushed}`, [archive, target]),
    ),
    toNewTarget(bench, contender.bundlePush, (folder, target) =>
      shell(folder, `git clone --quiet --mirror "$1" mirror.git && ${pushed}`, [bundle, target]),
    ),
  ];
  const rows = await inTurns(contenders, bench.options.runs, bench.workspace);
  await rm(base, { recursive: true, force: true });
  return { case: 'restore', repository, rows, notes: ['to an empty repository at the server; all refs'] };
}

function toNewTarget(
  bench: Bench,
  name: string,
  command: (folder: string, target: string) => ReturnType<Contender['command']>,
): Contender {
  return {
    name,
    prepare: async (folder) => {
      await git(['init', '--quiet', '--bare', join(folder, 'target.git')]);
      await serveAs(bench, 'target', join(folder, 'target.git'));
    },
    command: (folder) => command(folder, `${bench.git.url}/live/target.git`),
  };
}

async function bundleIn(vault: string): Promise<string> {
  const names = await readdir(vault, { recursive: true });
  const name = names.find((entry) => entry.endsWith('.bundle'));
  if (name === undefined) throw new Error(`no bundle was stored in ${vault}`);
  return join(vault, name);
}
