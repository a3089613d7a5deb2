/**
 * `npm run figures`: what the deployed system needs, on the stand-ins of this machine: the cold start of each function,
 * a run over a thousand repositories and one large one, and the memory of the functions meanwhile. Nothing is asserted
 * but that no repository is lost.
 */
import path from 'node:path';
import { makeRepository } from '../../scripts/bench/repositories/make-repository.ts';
import { seedGitHub } from '../support/github-server.ts';
import { coldStarts } from './cold-start.ts';
import { deployment, World } from './world.ts';

const repositories = 1000;
/** What is left of Lambda's smallest sizes once the large repository must fit, too. */
const memoryMegabytes = 256;
const large = { name: 'random-320mb', kind: 'random', seed: 'random', bytes: 320_000_000 } as const;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const world = await World.start();
try {
  say('Cold start, from the start of Node to the handler, on one core; median of 15');
  for (const { name, milliseconds, ofNode } of await coldStarts(path.join(world.folder, 'dist')))
    say(`  ${name.padEnd(10)} ${milliseconds.toFixed(0).padStart(4)} ms, of which Node itself ${ofNode.toFixed(0)} ms`);

  await seedGitHub(world.github, { owner: 'acme', repositories, privateEvery: 3 });
  const { folder, packBytes } = await makeRepository(large, false, world.folder);
  await world.github.addRepository('acme/large', { template: folder });
  await world.prepare(`name = "${deployment}"\ngithub = { backup = { memory_mb = ${memoryMegabytes} } }\n`);
  await world.deploy();
  await run('First run');
  await run('Second run, nothing changed');
  say(
    `Memory, of ${memoryMegabytes} MB for backup; the large repository's pack has ${(packBytes / 1e6).toFixed(0)} MB`,
  );
  for (const name of ['inventory', 'backup', 'report', 'retention'])
    say(`  ${name.padEnd(10)} ${String(await world.memoryOf(`${deployment}-github-${name}`)).padStart(4)} MB at most`);
} finally {
  await world.close();
}

async function run(title: string): Promise<void> {
  const began = performance.now();
  const { status, said } = await world.fireSchedule(3_600_000);
  const seconds = (performance.now() - began) / 1000;
  const { coverage } = await world.reportOf(said);
  const { listed = 0, stored = 0, unchanged = 0, skipped = 0, failed = 0 } = coverage;
  const lost = repositories + 1 - stored - unchanged - skipped - failed;
  say(
    `${title}: ${status}, ${listed} listed = ${stored} stored + ${unchanged} unchanged + ${skipped} skipped + ` +
      `${failed} failed, ${lost} lost; ${seconds.toFixed(0)} s`,
  );
  if (lost !== 0) process.exitCode = 1;
}
