import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { nameOf } from '#core/run/drill-message.ts';
import { overviewOf } from '#core/run/html/overview.ts';
import { reportPage } from '#core/run/html/page.ts';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import { addressOf, drillsPrefix, parseSnapshotKey, verdictKey } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { describeWithAws } from '../../support/aws/suite.ts';
import { holdfast } from '../../support/command-line.ts';
import { KeptVault } from '../../support/kept-vault.ts';
import { addCommit, createRepository } from '../../support/repositories.ts';
import { setEnvironment } from '../../support/vault-s3.ts';

const context = { awsRequestId: 'request', functionName: 'function', getRemainingTimeInMillis: () => 60_000 };
const Bucket = 'vault';
const prefix = 'backups/';
const location = `s3://${Bucket}/backups`;
const day = 86_400_000;

const partSchema = v.looseObject({ left: v.number() });
const recordSchema = v.object({
  damaged: v.array(v.object({ item: v.string(), snapshot: v.string() })),
  chain: v.object({ broken: v.number(), problems: v.array(v.object({ what: v.string(), key: v.string() })) }),
});
type DrillRecord = v.InferOutput<typeof recordSchema> & { key: string };

/** Of a vault that is whole: by what each case finds what it harms. */
interface Whole {
  keys: string[];
  /** The newest key of a pattern. */
  newest: (pattern: RegExp) => string;
  /** The oldest. */
  first: (pattern: RegExp) => string;
}

describeWithAws('the function of the drill, alone', (aws) => {
  let restore = (): void => undefined;
  let folder: string;
  let s3: S3Client;
  let vault: Vault;
  let kept: KeptVault;
  let whole: Whole;
  const topic = 'arn:aws:sns:us-east-1:123456789012:told';

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'holdfast-drill-'));
    const machine = { StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } };
    await aws.call('sns', 'CreateTopic', { Name: 'told' });
    const create = (name: string, roleArn: string): Promise<{ stateMachineArn: string }> =>
      aws.call('states', 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(machine) });
    const role = await aws.role('steps');
    const { stateMachineArn: runsArn } = await create('runs', role);
    const { stateMachineArn: drillsArn } = await create('drills', role);
    restore = setEnvironment({
      ...aws.server().environment,
      HOLDFAST_SOURCE: 'github',
      HOLDFAST_BUCKET: Bucket,
      HOLDFAST_PREFIX: 'backups',
      HOLDFAST_DRILL_SLICES: '1',
      HOLDFAST_RUNS: runsArn,
      HOLDFAST_DRILLS: drillsArn,
      HOLDFAST_TOPIC: topic,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
    });
    s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    vault = await openVault(location);
    await createRepository(path.join(folder, 'a.git'));
    await createRepository(path.join(folder, 'b.git'));
    for (let runs = 0; runs < 3; runs++) {
      await addCommit(path.join(folder, 'a.git'));
      const { code, stderr } = await holdfast(['backup', 'git', './a.git', './b.git', '--vault', location], {
        cwd: folder,
        env: aws.server().environment,
      });
      expect(code, stderr).to.equal(0);
      if (runs === 1) await drill();
    }
    // What Step Functions remembers of the last run.
    const keys = (await KeptVault.of(s3, { bucket: Bucket, prefix })).keys;
    const report = newestOf(keys, /^runs\/git\/.*\/report\.json$/);
    const root = await digestOf(vault, report);
    const remember = (stateMachineArn: string, output: object): Promise<object> =>
      aws.call('states', 'StartExecution', { stateMachineArn, input: JSON.stringify(output) });
    await remember(runsArn, { report: { reportKey: `${location}/${report}`, root } });
    await remember(drillsArn, { found: { Payload: { report: `${location}/${(await drill()).key}` } } });
    // S3 tells times to the second, and what comes later has to be later.
    await sleep(1100);
    kept = await KeptVault.of(s3, { bucket: Bucket, prefix });
    whole = {
      keys: kept.keys,
      newest: (pattern) => newestOf(kept.keys, pattern),
      first: (pattern) => newestOf(kept.keys.toReversed(), pattern),
    };
  });

  after(async () => {
    restore();
    s3.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(() => kept.reset());

  /** As the state machine does: parts until nothing is left, then the end. */
  async function drill(time = new Date()): Promise<DrillRecord> {
    const { handler } = await import('../../../functions/drill/index.ts');
    const event = { source: 'git', started: time.toISOString(), part: null as unknown, close: false, failure: null };
    for (let left = 1; left > 0;) {
      const part = v.parse(partSchema, await handler(event, context));
      left = part.left;
      event.part = part;
    }
    const { report } = v.parse(v.object({ report: v.string() }), await handler({ ...event, close: true }, context));
    const key = report.slice(location.length + 1);
    return { key, ...v.parse(recordSchema, JSON.parse(await read(key))) };
  }

  async function read(key: string): Promise<string> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: prefix + key }));
    return (await Body?.transformToString('latin1')) ?? '';
  }
  const write = (key: string, text: string): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket, Key: prefix + key, Body: Buffer.from(text, 'latin1') }));
  const remove = (key: string): Promise<unknown> => s3.send(new DeleteObjectCommand({ Bucket, Key: prefix + key }));
  const flip = async (key: string): Promise<string> => {
    const text = await read(key);
    const at = Math.floor(text.length / 2);
    await write(key, text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1));
    return key;
  };
  const gone = async (key: string): Promise<string> => (await remove(key), key);
  const added = async (key: string, text: string): Promise<string> => (await write(key, text), key);

  it('says nothing of a vault that is whole, whenever it looks', async () => {
    for (const time of [new Date(), new Date(Date.now() + 8 * day)]) {
      const { damaged, chain } = await drill(time);
      expect(damaged).to.deep.equal([]);
      expect(chain.problems).to.deep.equal([]);
    }
  });

  const data = /^git\/.*\.bundle$/;
  const manifest = /^git\/.*\/manifest\.json$/;
  const report = /^runs\/git\/.*\/report\.json$/;
  const verdict = /^checks\/git\/.*\.json$/;
  const record = /^drills\/git\/.*\.json$/;

  /** What somebody does who may do everything to the bucket; each gives the key that has to be named. */
  const harms: { what: string; harm: () => Promise<string>; nextWeek?: true }[] = [
    { what: 'a byte of the newest data', harm: () => flip(whole.newest(data)) },
    { what: 'a byte of older data', harm: () => flip(whole.first(data)) },
    { what: 'data that is gone', harm: () => gone(whole.newest(data)) },
    { what: 'data that is empty', harm: () => added(whole.newest(data), '') },
    {
      what: 'data in place of other data',
      harm: async () => added(whole.newest(data), await read(whole.first(data))),
    },
    {
      what: 'data beside a snapshot',
      harm: () => added(whole.newest(manifest).replace('manifest.json', '0badbeef-repository.bundle'), 'junk'),
    },
    {
      what: 'an object of no known kind among the items',
      harm: () => added(whole.newest(manifest).replace(/[^/]+\/manifest\.json$/, 'README.txt'), 'pay'),
    },
    { what: 'a byte of the newest manifest', harm: () => flip(whole.newest(manifest)) },
    { what: 'a byte of an older manifest', harm: () => flip(whole.first(manifest)) },
    { what: 'the newest manifest, which is gone', harm: () => gone(whole.newest(manifest)) },
    { what: 'an older manifest, which is gone', harm: () => gone(whole.first(manifest)) },
    {
      what: 'a manifest in place of another',
      harm: async () => added(whole.newest(manifest), await read(whole.first(manifest))),
    },
    {
      what: 'a manifest of a time of no run',
      harm: async () =>
        added(
          whole.newest(manifest).replace(/[^/]+(?=\/manifest\.json$)/, snapshotIdOf(new Date())),
          await read(whole.newest(manifest)),
        ),
    },
    { what: 'a byte of the newest report', harm: () => flip(whole.newest(report)) },
    { what: 'a byte of an older report', harm: () => flip(whole.first(report)) },
    { what: 'the newest report, which is gone', harm: () => gone(whole.newest(report)) },
    { what: 'an older report, which is gone', harm: () => gone(whole.first(report)) },
    {
      what: 'a report of a time long ago',
      harm: async () => added('runs/git/2025-01-01T000000.000Z/report.json', await read(whole.newest(report))),
    },
    { what: 'a list of digests that is gone', harm: () => gone(whole.first(/chain\.sha256$/)) },
    { what: 'the newest list of digests, changed', harm: () => flip(whole.newest(/chain\.sha256$/)) },
    { what: 'an inventory that was changed', harm: () => flip(whole.first(/inventory\.json$/)) },
    { what: 'a record of a drill that was changed', harm: () => flip(whole.first(record)) },
    { what: 'a record of a drill that is gone', harm: () => gone(whole.first(record)) },
    { what: 'the newest record of a drill, which is gone', harm: () => gone(whole.newest(record)) },
    {
      what: 'a verdict that was changed',
      harm: async () => added(whole.first(verdict), (await read(whole.first(verdict))).replace('"drill"', '"DRILL"')),
      nextWeek: true,
    },
    { what: 'a verdict that is gone', harm: () => gone(whole.first(verdict)), nextWeek: true },
    {
      what: 'a verdict that no drill gave',
      harm: async () => {
        const { item = '', snapshot = '' } = parseSnapshotKey(whole.newest(manifest)) ?? {};
        return added(verdictKey(item, snapshot, 'damaged'), '{"verdict":"damaged","problems":[]}');
      },
      nextWeek: true,
    },
    {
      what: 'the reports, put back to before the last run',
      harm: async () => {
        const run = whole.newest(report).split('/')[2] ?? '';
        for (const key of whole.keys) if (key.startsWith('runs/') && key.includes(run)) await remove(key);
        return whole.newest(report);
      },
    },
    {
      what: 'the whole vault, put back to before the last run',
      harm: async () => {
        const run = whole.newest(report).split('/')[2] ?? '';
        for (const key of whole.keys) if (key.includes(run)) await remove(key);
        await remove('runs/git/latest.json');
        for (const prefixOf of [drillsPrefix('git'), 'checks/'])
          for (const key of whole.keys) if (key.startsWith(prefixOf)) await remove(key);
        return whole.newest(report);
      },
    },
  ];
  for (const { what, harm, nextWeek } of harms)
    it(`names ${what}, in its record, its message and the report for people`, async () => {
      const key = await harm();
      const { damaged, chain } = await drill(new Date(Date.now() + (nextWeek ? 8 * day : 0)));
      const place = parseSnapshotKey(key);
      const named = [
        ...chain.problems.map((problem) => problem.key),
        // Data is part of a snapshot, and of those that build on it.
        ...damaged.map(({ item, snapshot }) => `${item}${snapshot}/`),
      ].map((one) => (place && one === `${place.item}${place.snapshot}/` ? key : one));
      expect(named).to.include(key);
      const { subject = '', message } = (await aws.server().notifications()).at(-1) ?? { message: '' };
      expect(subject).to.include('DAMAGE');
      const name = place ? addressOf(place.item) : nameOf(key);
      expect(message).to.include(name);
      const page = reportPage(location, [await overviewOf(vault, 'git', new Date(0))], new Date());
      expect(page.replaceAll('&#39;', "'")).to.include(name);
      expect(page).to.match(/badge bad/);
    });
});

function newestOf(keys: readonly string[], pattern: RegExp): string {
  const found = keys.findLast((key) => pattern.test(key));
  if (found === undefined) throw new Error(`no key is like ${pattern.source}`);
  return found;
}
