import { setTimeout as sleep } from 'node:timers/promises';
import { seed } from './scenarios/runs.ts';
import { deployment, World } from './world.ts';

/**
 * `npm run local-aws`: the whole system on this machine, for a person to play with: deployed by Terraform, run once,
 * and then left running until Ctrl-C.
 */
const world = await World.start();
const say = (line = ''): boolean => process.stdout.write(`${line}\n`);
try {
  say(`A stand-in for AWS runs at ${world.aws.endpoint}, one for GitHub at ${world.github.url}.`);
  await seed(world);
  await world.prepare(`name = "${deployment}"\ngithub = {}\n`);
  say('Terraform deploys the production configuration; this takes a minute or two …');
  await world.deploy();
  say((await world.terraform('output', '-no-color')).output);
  say('The schedule fires …');
  const { status, said } = await world.fireSchedule();
  const { result, coverage, items } = await world.reportOf(said);
  say(`The run ended ${status}; its report says: ${result}, ${JSON.stringify(coverage)}`);
  for (const { outcome, item, reason = '' } of items) say(`  ${outcome.padEnd(9)}  ${item.name}  ${reason}`.trimEnd());
  say();
  say((await world.holdfast('list')).stdout);
  say('What to try, in another terminal:');
  for (const [name, value] of Object.entries(world.aws.environment)) say(`  export ${name}=${value}`);
  say(`  export HOLDFAST_VAULT=${world.vault}`);
  say(`  npx --no-install holdfast run github --deployment ${deployment}`);
  say('  npx --no-install holdfast drill');
  say(`  aws secretsmanager get-secret-value --secret-id prod/github-backup`);
  say('\nCtrl-C ends it, and leaves nothing behind.');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  while (!stop.signal.aborted) await sleep(1000, undefined, { signal: stop.signal }).catch(() => undefined);
} finally {
  await world.close();
}
