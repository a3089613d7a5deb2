/**
 * `npm run bench:chain`: how long it takes to make the page of the report, to go on with the chain of reports, and to verify
 * it, over a vault of many
 * snapshots in a stand-in for S3 that is a process of its own. Arguments: items, and snapshots of each.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { extendChain } from '#core/vault/chain/extend-chain.ts';
import { waysOf } from '#core/run/kinds/table.ts';
import { verifyChain } from '#core/vault/chain/verify-chain.ts';
import { overviewOf } from '#core/run/html/overview.ts';
import { reportPage } from '#core/run/html/page.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';

const [items = '10000', snapshots = '12'] = process.argv.slice(2);
const server = fork(fileURLToPath(new URL('filled-s3.ts', import.meta.url)), [items, snapshots]);
process.once('exit', () => server.kill());
const told = v.parse(v.looseTuple([v.object({ port: v.number(), last: v.string() })]), await once(server, 'message'));
const [{ port, last }] = told;
Object.assign(process.env, {
  AWS_ENDPOINT_URL: `http://localhost:${port}`,
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_REGION: 'us-east-1',
});
const vault = await openVault('s3://bench');

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const before = process.cpuUsage();
  await work();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  const { user, system } = process.cpuUsage(before);
  const worked = ((user + system) / 1e6).toFixed(1);
  process.stdout.write(
    `${what.padEnd(44)} ${seconds.padStart(6)} s   ${worked.padStart(6)} s of a processor   peak so far ${peak} MB\n`,
  );
}

process.stdout.write(`${items} items with ${snapshots} snapshots each\n`);
await measure('make the page of the report', async () => {
  const overview = await overviewOf(vault, 'github', new Date(0));
  return reportPage(vault.location, [overview], new Date());
});
await measure('list what the last run stored', () => extendChain(vault, 'github', last));
await measure('verify the chain alone', () => expectWhole(false));
await measure('verify the chain, and read every manifest', () => expectWhole(true));
server.kill();

async function expectWhole(readAll: boolean): Promise<void> {
  const { problems } = await verifyChain(vault, 'github', { ways: waysOf('github'), readAll });
  if (problems.length > 0) throw new Error(`${problems.length} problems, ${JSON.stringify(problems[0])} among them`);
}
