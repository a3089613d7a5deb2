/**
 * `npm run bench:chain`: what the report of a run costs, and how long it takes to list a vault of many snapshots, to make
 * its page, and to verify it, in a stand-in for S3 that is a process of its own. Arguments: items, and snapshots of each.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { extendChain } from '#core/vault/chain/extend-chain.ts';
import { waysOf } from '#core/run/kinds/table.ts';
import pMap from 'p-map';
import { mapOutcomes } from '#core/run/map-results.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { verifyChain } from '#core/vault/chain/verify-chain.ts';
import { overviewOf } from '#core/run/html/overview.ts';
import { reportPage } from '#core/run/html/page.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';

const [items = '10000', snapshots = '12'] = process.argv.slice(2);
const original = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-'));
process.once('exit', () => rmSync(original, { recursive: true }));
const server = fork(fileURLToPath(new URL('filled-s3.ts', import.meta.url)), [
  items,
  snapshots,
  original,
  await oneSnapshot(),
]);
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
  const worked = (user + system) / 1e6;
  const each = ((worked * 1000) / Number(items)).toFixed(2);
  process.stdout.write(
    `${what.padEnd(44)} ${seconds.padStart(6)} s   ${worked.toFixed(1).padStart(6)} s of a processor, ${each} ms an item   peak so far ${peak} MB\n`,
  );
}

process.stdout.write(`${items} items with ${snapshots} snapshots each\n`);
await measure('report what became of each item of a run', async () => {
  const digests = new Map<string, string>();
  await mapOutcomes(vault, last, vault, 'map/manifest.json', digests);
  await extendChain(vault, 'github', last, digests);
});
await measure('make the page of the report', async () => {
  const overview = await overviewOf(vault, 'github', new Date(0));
  return reportPage(vault.location, [overview], new Date());
});
await measure('list every item', () => count(new Catalogue(vault).lineages('github')));
await measure('verify the chain alone', () => expectWhole(false));
await measure('verify the chain, and read every manifest', () => expectWhole(true));
await measure('verify every snapshot', verifyAll);
server.kill();

async function expectWhole(readAll: boolean): Promise<void> {
  const { problems } = await verifyChain(vault, 'github', { ways: waysOf('github'), readAll });
  if (problems.length > 0) throw new Error(`${problems.length} problems, ${JSON.stringify(problems[0])} among them`);
}

async function verifyAll(): Promise<void> {
  const catalogue = new Catalogue(vault);
  const entries: SnapshotEntry[] = [];
  for await (const lineage of catalogue.lineages('github')) entries.push(...lineage.snapshots);
  await pMap(
    entries,
    async (entry) => {
      const { problems } = await verifySnapshot(vault, catalogue, entry);
      if (problems.length > 0) throw new Error(problems[0]);
    },
    { concurrency: 8 },
  );
}

async function count(all: AsyncIterable<unknown>): Promise<number> {
  let number = 0;
  for await (const one of all) if (one !== undefined) number++;
  return number;
}

/** Backs up a small repository, as a model for all others: the key of its manifest. */
async function oneSnapshot(): Promise<string> {
  const repository = path.join(original, 'one.git');
  const person = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  execFileSync('git', ['init', '--quiet', repository]);
  execFileSync('git', ['commit', '--quiet', '--allow-empty', '--message', 'one'], {
    cwd: repository,
    env: { ...process.env, ...person },
  });
  const launch = fileURLToPath(new URL('../cli/launch.mjs', import.meta.url));
  execFileSync(process.execPath, [launch, 'backup', 'git', repository, '--vault', original, '--quiet']);
  for await (const { key } of (await openVault(original)).list('git/')) if (key.endsWith('/manifest.json')) return key;
  throw new Error('the model was not backed up');
}
