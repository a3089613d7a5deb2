import { expect } from 'chai';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { addCommit, git, refsOf } from '../../support/repositories.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type World } from '../world.ts';

const region = 'us-east-1';
const account = '123456789012';

/** Where a repository of CodeCommit is in the vault. */
const addressOf = (name: string): string => `codecommit/${account}/${region}/${name}`;

const approvalRuleTemplateName = 'two-of-us';

/** All that the deployment is told to back up. */
const tags = { kept: 'yes' };

/** The repositories with which every scenario begins; of one, Git knows nothing. */
export async function seedCodeCommit(world: World): Promise<void> {
  const shape = { commits: 3, branches: ['dev'], annotatedTags: ['v1'] };
  await world.addToCodeCommit('shop', shape, { repositoryDescription: 'The shop', tags });
  await world.addToCodeCommit('tools', shape, { tags });
  await world.addToCodeCommit('empty', { commits: 0 }, { tags });
  await world.addToCodeCommit('untagged', shape);
  await world.aws.call('codecommit', 'CreateRepository', { repositoryName: 'broken', tags });
  await giveRules(world, 'shop', approvalRuleTemplateName);
}

export const codecommitSchedule: Scenario = {
  name: 'codecommit-schedule',
  async run(world) {
    const first = await world.fireSchedule(undefined, 'codecommit');
    expect(first.status).to.equal('FAILED');
    const { coverage, items } = await world.reportOf(first.said);
    expect(coverage).to.deep.equal({ listed: 5, stored: 3, unchanged: 0, skipped: 1, failed: 1 });
    expect(items.find(({ outcome }) => outcome === 'failed')?.item.name).to.match(/\/broken$/);
    expect(items.find(({ outcome }) => outcome === 'skipped')?.reason).to.equal('has no tag kept');
    // An item that fails in CodeBuild, or that an event names, is looked for under another name as well.
    const broken = await itemOf(world, 'broken');
    expect(
      await world.build(`${deployment}-codecommit`, variablesFor(world, broken, '2026-01-01T000000.000Z')),
    ).to.equal('FAILED');
    await push(world, broken);
    await world.aws.call('codecommit', 'DeleteRepository', { repositoryName: 'broken' });
    const second = await world.fireSchedule(undefined, 'codecommit');
    expect(second.status, second.said).to.equal('SUCCEEDED');
    expect((await world.reportOf(second.said)).coverage).to.include({ listed: 4, stored: 0, unchanged: 3 });
    const drilled = await world.holdfast('drill', addressOf('shop'));
    expect(drilled.code, drilled.stderr).to.equal(0);
  },
};

export const codecommitCodebuild: Scenario = {
  name: 'codecommit-codebuild',
  async run(world) {
    // The size of a repository is not known before it is read. That it was too large once is remembered.
    await world.addToCodeCommit('huge', { commits: 2 }, { tags });
    await giveRules(world, 'huge', 'three-of-us');
    const item = await itemOf(world, 'huge');
    const run = '2026-01-01T000000.000Z';
    expect(await world.build(`${deployment}-codecommit`, variablesFor(world, item, run))).to.equal('SUCCEEDED');
    const prefix = `codecommit/${account}/${region}/huge/`;
    expect(await world.readVault(`${prefix}${run}/manifest.json`)).to.deep.include({ hints: { large: true } });
    await markDamaged(world, 'huge', run);
    const before = (await world.aws.calls()).length;
    const { status, said } = await world.fireSchedule(undefined, 'codecommit');
    expect(status, said).to.equal('SUCCEEDED');
    const { items } = await world.reportOf(said);
    expect(items.find(({ item: { name } }) => name.endsWith('/huge'))).to.include({ outcome: 'stored', kind: 'full' });
    const pulls = (await world.aws.calls()).slice(before).filter(({ operation }) => operation === 'GitPull');
    const pulled = pulls.filter(({ resource }) => resource.endsWith(':huge'));
    expect(pulled.some(({ caller }) => caller.via.startsWith('codebuild:'))).to.equal(true);
  },
};

export const codecommitEvent: Scenario = {
  name: 'codecommit-event',
  async run(world) {
    const before = await snapshots(world, 'shop');
    const commitId = await addCommit(path.join(world.folder, 'codecommit', 'shop'), { message: 'Pushed' });
    const shop = await itemOf(world, 'shop');
    for (let at = 0; at < 5; at++) await push(world, shop);
    await world.until(async () => (await snapshots(world, 'shop')).length > before.length);
    const { stdout } = await world.holdfast('show', addressOf('shop'), '--refs');
    expect(stdout).to.include(commitId);
    // Some may come while the first is stored; all of them together are no more than two snapshots.
    expect((await snapshots(world, 'shop')).length - before.length).to.be.within(1, 2);

    // What is known to be large goes on in CodeBuild from here, too.
    const [newest = ''] = (await snapshots(world, 'huge')).toReversed();
    await markDamaged(world, 'huge', newest);
    await addCommit(path.join(world.folder, 'codecommit', 'huge'), { message: 'Pushed' });
    await push(world, await itemOf(world, 'huge'));
    await world.until(async () => (await snapshots(world, 'huge')).at(-1) !== newest);
    await world.aws.call('events', 'PutEvents', { Entries: [deletion('tools')] });
    await world.until(async () =>
      (await world.aws.notifications()).some(({ message }) =>
        message.includes(`${account}/${region}/tools was deleted`),
      ),
    );
    const told = (await world.aws.calls()).filter(({ operation }) => operation === 'StartBuild');
    expect(told.some(({ caller }) => caller.via === `lambda:${deployment}-codecommit-on-event`)).to.equal(true);
  },
};

export const codecommitRestore: Scenario = {
  name: 'codecommit-restore',
  async run(world) {
    const folder = path.join(world.folder, 'codecommit', 'shop');
    const { refs } = await refsOf(folder);
    await world.aws.call('codecommit', 'DeleteRepository', { repositoryName: 'shop' });
    await world.aws.call('codecommit', 'DeleteApprovalRuleTemplate', { approvalRuleTemplateName });
    rmSync(folder, { recursive: true });
    await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', folder);
    const to = ['--to', `codecommit::${region}://shop`, '--create', '--git-endpoint', world.codecommit.url];
    const restored = await world.holdfast('restore', addressOf('shop'), ...to);
    expect(restored.code, restored.stderr + restored.stdout).to.equal(0);
    expect((await refsOf(folder)).refs).to.deep.equal(refs);
    expect(await metadataOf(world, 'shop')).to.include({ repositoryDescription: 'The shop', defaultBranch: 'main' });
    const rules = { repositoryName: 'shop' };
    expect(await world.aws.call('codecommit', 'ListAssociatedApprovalRuleTemplatesForRepository', rules)).to.deep.equal(
      { approvalRuleTemplateNames: [approvalRuleTemplateName] },
    );
  },
};

/** Lets a repository go by a template of approval rules of its own. */
async function giveRules(world: World, repositoryName: string, approvalRuleTemplateName: string): Promise<void> {
  const approvalRuleTemplateContent = '{"Version":"2018-11-08"}';
  const template = { approvalRuleTemplateName, approvalRuleTemplateContent };
  await world.aws.call('codecommit', 'CreateApprovalRuleTemplate', template);
  const link = { repositoryName, approvalRuleTemplateName };
  await world.aws.call('codecommit', 'AssociateApprovalRuleTemplateWithRepository', link);
}

async function metadataOf(world: World, repositoryName: string): Promise<Record<string, string>> {
  const { repositoryMetadata } = await world.aws.call<{ repositoryMetadata: Record<string, string> }>(
    'codecommit',
    'GetRepository',
    { repositoryName },
  );
  return repositoryMetadata;
}

interface Item {
  id: string;
  path: string[];
  name: string;
  source: 'codecommit';
}

async function itemOf(world: World, name: string): Promise<Item> {
  const { repositoryId: id = '' } = await metadataOf(world, name);
  return { source: 'codecommit', id, path: [account, region, name], name: `${account}/${region}/${name}` };
}

/** What a build is told. */
function variablesFor(world: World, item: Item, run: string): Record<string, string> {
  return { HOLDFAST_ITEM: JSON.stringify({ item }), HOLDFAST_RUN: run, HOLDFAST_VAULT: world.vault };
}

/** As a check does; nothing builds on what is damaged, so a full snapshot is due. */
async function markDamaged(world: World, name: string, snapshot: string): Promise<void> {
  const prefix = `codecommit/${account}/${region}/${name}/${snapshot}`;
  await world.writeVault(`${prefix}/check-2026-01-02T000000.000Z-damaged.json`, '{}');
}

/** The ids of a repository's snapshots, oldest first. */
async function snapshots(world: World, name: string): Promise<string[]> {
  const { stdout } = await world.holdfast('show', addressOf(name));
  return [...stdout.matchAll(/^ {2}(\d{4}-\d\d-\d\dT\S+Z) /gm)].map(([, id = '']) => id).sort();
}

/** What CloudTrail tells of a deletion. */
function deletion(repositoryName: string): object {
  return {
    Source: 'aws.codecommit',
    DetailType: 'AWS API Call via CloudTrail',
    Detail: JSON.stringify({
      eventSource: 'codecommit.amazonaws.com',
      eventName: 'DeleteRepository',
      userIdentity: { arn: `arn:aws:iam::${account}:user/somebody` },
      requestParameters: { repositoryName },
    }),
  };
}

/** Tells of a push as CodeCommit does. */
async function push(world: World, { id, path: [, , repositoryName] }: Item): Promise<void> {
  const Entries = [
    {
      Source: 'aws.codecommit',
      DetailType: 'CodeCommit Repository State Change',
      Resources: [`arn:aws:codecommit:${region}:${account}:${repositoryName ?? ''}`],
      Detail: JSON.stringify({
        event: 'referenceUpdated',
        repositoryName,
        repositoryId: id,
        referenceType: 'branch',
        referenceName: 'main',
        referenceFullName: 'refs/heads/main',
        callerUserArn: `arn:aws:iam::${account}:user/somebody`,
      }),
    },
  ];
  await world.aws.call('events', 'PutEvents', { Entries });
}
