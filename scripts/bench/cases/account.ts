import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listPrices as price } from '../../list-prices.ts';
import { serveAs, type Bench } from '../bench-context.ts';
import { inTurns } from '../measure/in-turns.ts';
import { summarise } from '../report/summary.ts';
import { makeRepository } from '../repositories/make-repository.ts';
import { accountRecipes } from '../repositories/recipes.ts';
import { contender, type CaseResult } from './case-result.ts';
import { backUpListToFolder, shell } from './commands.ts';

/** How many repositories of each size an account of 300 has: mostly small ones, 1.5 GB in all. */
const shares = [180, 80, 30, 10];
const quickShares = [6, 2, 1, 0];

const lambdaGb = 0.5;
const streamsAtOnce = 4;
const buildStartSeconds = 40;
const transitionsPerItem = 3;

/** A first backup of a whole account, beside the loop over its repositories that one build would run. */
export async function account(bench: Bench): Promise<CaseResult> {
  const urls: string[] = [];
  for (const [at, recipe] of accountRecipes.entries()) {
    const repository = await makeRepository(recipe, bench.options.fresh, bench.workspace);
    await serveAs(bench, recipe.name, repository.folder);
    const copies = (bench.options.quick ? quickShares : shares)[at] ?? 0;
    // One folder behind many URLs: the server does the same work for each.
    for (let copy = 1; copy <= copies; copy++) urls.push(`${bench.git.url}/${copy}/${recipe.name}.git`);
  }
  const list = join(bench.workspace, 'account-urls');
  await writeFile(list, `${urls.join('\n')}\n`);
  const loop =
    'n=0; while read -r url; do n=$((n + 1)); git clone --quiet --mirror "$url" "$n.git"; tar czf "$n.tar.gz" "$n.git"; rm -rf "$n.git"; done < "$1"';
  const contenders = [
    { name: contender.account, command: (folder: string) => backUpListToFolder(bench, folder, list) },
    { name: contender.accountLoop, command: (folder: string) => shell(folder, loop, [list]) },
  ];
  const rows = await inTurns(contenders, 1, bench.workspace);
  const [ours = NaN, theirs = NaN] = rows.map((row) => summarise(row).wall);
  const functions =
    ours * streamsAtOnce * lambdaGb * price.lambdaGbSecond + urls.length * transitionsPerItem * price.stateTransition;
  const build = Math.ceil((theirs + buildStartSeconds) / 60) * price.buildMinute;
  return {
    case: 'account',
    rows,
    notes: [
      `${urls.length} repositories of ${accountRecipes.map(({ name }) => name.replace('history-', '')).join(', ')}, mostly small; one run`,
      `at AWS's list prices, were these its machines: $${functions.toFixed(4)} in Lambda and Step Functions, $${build.toFixed(4)} in one build`,
    ],
  };
}
