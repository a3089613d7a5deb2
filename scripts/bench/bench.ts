/** `npm run bench`: measures Holdfast beside what it replaces, and says which of its claims hold. */
import { cpus, totalmem } from 'node:os';
import { closeBench, openBench, type Bench } from './bench-context.ts';
import type { CaseResult } from './cases/case-result.ts';
import { account } from './cases/account.ts';
import { fullBackup } from './cases/full.ts';
import { incrementalBackup } from './cases/incremental.ts';
import { packages } from './cases/packages.ts';
import { restoreToServer } from './cases/restore.ts';
import { slowStorage } from './cases/slow.ts';
import { startup } from './cases/startup.ts';
import { unchangedAccount } from './cases/unchanged.ts';
import { readOptions, usage, UsageError, type Options } from './options.ts';
import { caseTable } from './report/case-table.ts';
import { targetList } from './report/target-list.ts';
import { targets } from './report/targets.ts';
import type { BenchRepository } from './repositories/bench-repository.ts';
import { takeGiven } from './repositories/given-repository.ts';
import { makeRepository } from './repositories/make-repository.ts';
import { recipesFor } from './repositories/recipes.ts';
import { say } from './say.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  // Ending this way removes what was made so far.
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  const bench = await openBench(options);
  const results: CaseResult[] = [];
  const print = (result: CaseResult): void => {
    results.push(result);
    if (!options.json) process.stdout.write(`\n${caseTable(result)}\n`);
  };
  try {
    if (options.only.has('startup')) print(await startup(bench));
    for await (const repository of repositoriesFor(bench)) await measureRepository(bench, repository, print);
    if (options.only.has('unchanged')) print(await unchangedAccount(bench));
    if (options.only.has('account')) print(await account(bench));
    if (options.only.has('packages')) (await packages(bench)).forEach(print);
  } finally {
    await closeBench(bench);
  }
  report(options, results);
  return 0;
}

async function* repositoriesFor({ options, workspace }: Bench): AsyncGenerator<BenchRepository> {
  const perRepository = ['full', 'slow', 'incremental', 'restore'] as const;
  if (!perRepository.some((name) => options.only.has(name))) return;
  for (const [at, path] of options.repositories.entries()) yield takeGiven(path, at + 1, workspace);
  if (options.repositories.length > 0) return;
  for (const recipe of recipesFor(options)) yield makeRepository(recipe, options.fresh, workspace);
}

async function measureRepository(
  bench: Bench,
  repository: BenchRepository,
  print: (result: CaseResult) => void,
): Promise<void> {
  const { only } = bench.options;
  say(`measuring ${repository.name}`);
  if (only.has('full')) print(await fullBackup(bench, repository));
  if (only.has('slow')) print(await slowStorage(bench, repository));
  if (only.has('incremental') && repository.kind === 'history') print(await incrementalBackup(bench, repository));
  if (only.has('restore')) print(await restoreToServer(bench, repository));
}

function report(options: Options, results: readonly CaseResult[]): void {
  const reached = targets(results, options.quick);
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    processors: cpus().length,
    memory: totalmem(),
    node: process.version,
    platform: process.platform,
  };
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, results, targets: reached }, null, 2)}\n`);
  else {
    const { processors, processor, memory, node } = machine;
    process.stdout.write(`\n${targetList(reached)}\n`);
    process.stdout.write(
      `\n${processors} × ${processor}, ${(memory / 1e9).toFixed(0)} GB, Node ${node}; medians of ${options.runs}, peak memory the highest\n`,
    );
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
