import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addCommit, createRepository } from '../../test/support/repositories.ts';
import type { Chance } from './chance.ts';
import type { Counts } from './counts.ts';
import type { Judge } from './judge.ts';

const launcher = fileURLToPath(new URL('../cli/launch.mjs', import.meta.url));

/** Real processes at work on one vault in a folder, some of them ended by SIGKILL, and what then stands in the vault. */
export async function storm(chance: Chance, counts: Counts, judge: Judge): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-storm-'));
  try {
    const repository = await createRepository(path.join(folder, 'app.git'), { commits: 4, branches: ['topic'] });
    const vault = path.join(folder, 'vault');
    await Promise.all([run(['backup', 'git', repository, '--vault', vault], counts)]);
    for (let round = 0; round < 2; round++) {
      const works = Array.from({ length: 4 }, (_, index) =>
        index > 0 && chance.happens(0.4)
          ? ['prune', '--keep-last', '1', '--vault', vault]
          : ['backup', 'git', repository, '--vault', vault, ...(chance.happens(0.4) ? ['--full'] : [])],
      );
      const running = works.map((work) => run(work, counts, chance.happens(0.4) ? 300 + chance.below(900) : undefined));
      await setTimeout(chance.below(400));
      await addCommit(repository);
      await Promise.all(running);
    }
    for (const { key, restored, reason, refs } of await judge.judge(await contentOf(vault))) {
      counts.judged++;
      if (!restored) counts.failures.push(`storm: ${key} does not restore: ${reason}`);
      else if ([...refs].some(([name, oid]) => restored.get(name) !== oid))
        counts.failures.push(`storm: ${key} restores to other refs than it says`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param killAfterMs absent where the process is left alone */
async function run(work: string[], counts: Counts, killAfterMs?: number): Promise<void> {
  if (work[0] === 'backup') counts.trials++;
  else counts.prunes++;
  const child = spawn(process.execPath, [launcher, ...work], { stdio: 'ignore' });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const timer = new AbortController();
  if (killAfterMs !== undefined)
    setTimeout(killAfterMs, undefined, { signal: timer.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
  const [, signal] = await ended;
  timer.abort();
  if (signal === 'SIGKILL') counts.kills++;
}

async function contentOf(vault: string): Promise<Map<string, Buffer>> {
  const content = new Map<string, Buffer>();
  for (const entry of await readdir(vault, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) content.set(path.relative(vault, file), await readFile(file));
  }
  return content;
}
