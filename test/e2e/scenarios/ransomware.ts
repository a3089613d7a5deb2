import { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import path from 'node:path';
import { applyRetention } from '#core/vault/retention.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import { resourcesOf, type Resource } from '../../support/aws-policies/rendered.ts';
import { rolesOf } from '../../support/aws-policies/roles.ts';
import { refsOf } from '../../support/repositories.ts';
import { setEnvironment } from '../../support/vault-s3.ts';
import { KeptVault, type Effect } from '../../support/kept-vault.ts';
import { StolenRole } from '../ransomware/stolen-role.ts';
import { strategies } from '../ransomware/strategies.ts';
import type { Scenario } from '../scenario.ts';
import { rowsShown, writtenRows } from '../security-table.ts';
import { thiefOf } from '../thief.ts';
import { deployment, type World } from '../world.ts';

const prefix = 'backups/';

/** An item of each source that has repositories, which is restored after each attack on that source. */
const restored: Record<string, string> = {
  github: 'github/acme/website',
  codecommit: 'codecommit/123456789012/us-east-1/shop',
};

/** As the deployment keeps, and so that a forged snapshot would displace a true one if it could. */
const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };

/**
 * Each role of the deployment in turn is stolen and does its worst, within the policies that Terraform has rendered.
 * What was stored before has to come back, byte for byte; what a role can do nevertheless is a line in SECURITY.md.
 */
export const ransomware: Scenario = {
  name: 'ransomware',
  async run(world) {
    for (const source of ['github', 'codecommit', 'codeartifact']) {
      await world.fireSchedule(undefined, source);
      await world.fireSchedule(undefined, `${source}-drill`);
    }
    const resources = resourcesOf(JSON.parse((await world.terraform('show', '-json', '-no-color')).output));
    const s3 = new S3Client({ ...world.clientConfig, forcePathStyle: true });
    const restoreEnvironment = setEnvironment(world.aws.environment);
    try {
      // So that what retention removes in its usual way is not laid to a thief's charge.
      for (const source of ['github', 'codecommit', 'codeartifact']) await retain(world, source);
      const kept = await KeptVault.of(s3, { bucket: world.bucket, prefix });
      expect(kept.keys.length, 'what there is to take').to.be.above(30);
      const rows = await attackAll(world, s3, kept, resources);
      const able = merged(rows);
      expect(writtenRows(able), 'the table in SECURITY.md').to.equal(writtenRows(await rowsShown('ransomware')));
    } finally {
      restoreEnvironment();
      s3.destroy();
    }
  },
};

interface Row {
  role: string;
  kind: string;
  strategy: string;
  /** Empty where all was refused, or came to nothing. */
  effects: string[];
  /** Whether any call passed the policies. */
  passed: boolean;
}

async function attackAll(world: World, s3: S3Client, kept: KeptVault, resources: Resource[]): Promise<Row[]> {
  const keyArn = String(resources.find(({ address }) => /\bmodule\.vault\.aws_kms_key\./.test(address))?.values['arn']);
  const before = new Map<string, unknown>();
  for (const [source, item] of Object.entries(restored)) before.set(source, await restoreOf(world, item));
  const rows: Row[] = [];
  for (const role of rolesOf(resources)) {
    const stolen = new StolenRole(role, thiefOf(role, deployment), resources);
    const { kind, source } = stolen.thief;
    const target = source in restored || source === 'codeartifact' ? source : 'github';
    const booty = { s3, aws: world.aws, bucket: world.bucket, prefix, keyArn, deployment, source: target };
    for (const { title, attempts } of strategies) {
      let passed = false;
      for (const attempt of attempts({ ...booty, keys: oneOfEachSort(kept.keys) }))
        passed = (await stolen.try(attempt)) || passed;
      const effects = passed ? await kept.effects() : [];
      if (effects.length > 0) {
        // The next run's retention must not do what the thief could not.
        await retain(world, target);
        const after = await kept.effects();
        const more = after.filter(({ how, what }) => !effects.some((one) => one.how === how && one.what === what));
        effects.push(...more.filter(({ how }) => how !== 'adds'));
        await kept.bringBack();
        const item = restored[target];
        if (item !== undefined)
          expect(await restoreOf(world, item), `${role.name} ${title}`).to.equal(before.get(target));
        await kept.reset();
        expect(await kept.effects(), `${role.name} ${title}: what cannot be taken back`).to.deep.equal([]);
      }
      rows.push({ role: role.name, kind, strategy: title, passed, effects: effects.map(told) });
    }
    process.stdout.write(`${printed(rows.filter((row) => row.role === role.name))}\n`);
  }
  return rows;
}

/**
 * What is decided by policies alone is the same for all objects of a sort: a key of each, so that thousands of simulations
 * are not made for the same answer. What is compared afterwards is everything.
 */
function oneOfEachSort(keys: readonly string[]): string[] {
  const sorts = new Map<string, string>();
  for (const key of keys) {
    const [top = '', second = ''] = key.split('/');
    const name = key.slice(key.lastIndexOf('/') + 1).replace(/^[0-9a-f]{8}-.*|^\d{4}-.*/, '');
    const sort = ['runs', 'checks', 'drills', 'removed', 'index'].includes(top) ? `${top}/${second}` : top;
    if (top !== 'index' || !sorts.has(sort)) sorts.set(`${sort} ${top === 'index' ? '' : name}`, key);
  }
  return [...sorts.values()];
}

function told({ how, what }: Effect): string {
  return `${how} ${what}`;
}

async function retain(world: World, source: string): Promise<void> {
  await applyRetention(await openVault(world.vault), { source, policy, now: new Date(), dryRun: false });
}

/** What a restore of the newest snapshot that was there before the attack gives. */
async function restoreOf(world: World, item: string): Promise<string> {
  const [, snapshot] = chosen.get(item) ?? [];
  const to = path.join(world.folder, `ransomed-${restores++}`);
  const at = snapshot === undefined ? [] : ['--snapshot', snapshot];
  const { code, stderr } = await world.holdfast('restore', item, '--to', to, ...at);
  expect(code, stderr).to.equal(0);
  if (snapshot === undefined) {
    const shown = await world.holdfast('show', item, '--json');
    const ids = [...shown.stdout.matchAll(/"snapshot":"([^"]+)"/g)].map(([, id = '']) => id).sort();
    chosen.set(item, [item, ids.at(-1) ?? '']);
  }
  return JSON.stringify(await refsOf(to));
}

const chosen = new Map<string, [item: string, snapshot: string]>();
let restores = 0;

/** One row for each kind of role and what its strategies come to; those that come to the same stand together. */
function merged(rows: readonly Row[]): string[][] {
  const found = new Map<string, { kind: string; effects: string; strategies: Set<string> }>();
  for (const { kind, strategy, effects } of rows) {
    if (effects.length === 0) continue;
    const all = [...effects].sort().join(', ');
    const key = `${kind} ${all}`;
    const row = found.get(key) ?? { kind, effects: all, strategies: new Set() };
    row.strategies.add(strategy);
    found.set(key, row);
  }
  return [...found.values()]
    .map(({ kind, effects, strategies: ways }) => [kind, [...ways].join('; '), effects])
    .sort(([a = '', b = ''], [c = '', d = '']) => (`${a} ${b}` < `${c} ${d}` ? -1 : 1));
}

/** Each role, and what each strategy came to in its hands. */
function printed(rows: readonly Row[]): string {
  const lines: string[] = [];
  for (const role of new Set(rows.map((row) => row.role))) {
    const its = rows.filter((row) => row.role === role);
    const refused = its.filter(({ passed }) => !passed).length;
    lines.push(`${role}: ${refused} of ${its.length} strategies refused`);
    for (const { strategy, effects, passed } of its)
      if (passed) lines.push(`  ${strategy}: ${effects.length === 0 ? 'comes to nothing' : effects.join(', ')}`);
  }
  return lines.join('\n');
}
