import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveAs, type Bench } from '../bench-context.ts';
import type { Contender } from '../measure/contender.ts';
import type { Command } from '../measure/measure-process.ts';
import { bytesIn } from '../measure/disk-use.ts';
import { inTurns } from '../measure/in-turns.ts';
import { makeRepository } from '../repositories/make-repository.ts';
import { smallRecipe } from '../repositories/recipes.ts';
import { say } from '../say.ts';
import { contender, type CaseResult } from './case-result.ts';
import { backUpListToFolder, vaultIn } from './commands.ts';
import { runUnmeasured } from './run-unmeasured.ts';

/** How many repositories the account has. */
export function accountSize(quick: boolean): number {
  return quick ? 100 : 1000;
}

/** A second backup of an account of small repositories in which nothing has changed. */
export async function unchangedAccount(bench: Bench): Promise<CaseResult> {
  const size = accountSize(bench.options.quick);
  const repository = await makeRepository(smallRecipe, bench.options.fresh, bench.workspace);
  const urls: string[] = [];
  // One folder behind many URLs: the server does the same work for each.
  for (let at = 1; at <= size; at++) urls.push(`${bench.git.url}/${at}/small.git`);
  await serveAs(bench, 'small', repository.folder);
  const base = join(bench.workspace, 'account');
  await mkdir(base);
  const list = join(base, 'urls');
  await writeFile(list, `${urls.join('\n')}\n`);
  const command = backUpListToFolder(bench, base, list);
  say(`first backup of ${size} small repositories`);
  await runUnmeasured(base, command);
  const rows = await inTurns([again(bench, command, vaultIn(base))], bench.options.runs, bench.workspace);
  await rm(base, { recursive: true, force: true });
  return { case: 'unchanged', rows, notes: [`${size} repositories, copies of one; 4 at a time`] };
}

function again(bench: Bench, command: Command, vault: string): Contender {
  let before = { requests: 0, bytes: 0 };
  return {
    name: contender.unchanged,
    prepare: async () => {
      before = { ...(await bench.git.figures()), bytes: await bytesIn(vault) };
    },
    command: () => command,
    inspect: async () => ({
      requests: (await bench.git.figures()).requests - before.requests,
      stored: (await bytesIn(vault)) - before.bytes,
    }),
  };
}
