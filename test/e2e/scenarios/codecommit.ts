import { expect } from 'chai';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { addCommit, git, refsOf } from '../../support/repositories.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const region = 'us-east-1';
const account = '123456789012';

/** Where a repository of CodeCommit is in the vault. */
const addressOf = (name: string): string => `codecommit/${account}/${region}/${name}`;

/** The repositories with which every scenario begins. */
export async function seedCodeCommit(world: World): Promise<void> {
  const shape = { commits: 3, branches: ['dev'], annotatedTags: ['v1'] };
  await world.addToCodeCommit('shop', shape, { repositoryDescription: 'The shop', tags: { team: 'web' } });
  await world.addToCodeCommit('tools', shape);
  await world.addToCodeCommit('empty', { commits: 0 });
}

export const codecommitSchedule: Scenario = {
  name: 'codecommit-schedule',
  async run(world) {
    const first = await world.fireSchedule(undefined, 'codecommit');
    expect(first.status, first.said).to.equal('SUCCEEDED');
    const { coverage } = await world.reportOf(first.said);
    expect(coverage).to.deep.equal({ listed: 3, stored: 3, unchanged: 0, skipped: 0, failed: 0 });
    const second = await world.fireSchedule(undefined, 'codecommit');
    expect((await world.reportOf(second.said)).coverage).to.include({ stored: 0, unchanged: 3 });
    const drilled = await world.holdfast('drill', addressOf('shop'));
    expect(drilled.code, drilled.stderr).to.equal(0);
  },
};

export const codecommitEvent: Scenario = {
  name: 'codecommit-event',
  async run(world) {
    const folder = path.join(world.folder, 'codecommit', 'shop');
    const before = await snapshots(world, 'shop');
    const commitId = await addCommit(folder, { message: 'Pushed' });
    const { repositoryId } = await metadataOf(world, 'shop');
    const entry = push('shop', repositoryId ?? '', commitId);
    const put = (): Promise<unknown> => world.aws.call('events', 'PutEvents', { Entries: [entry] });
    // A storm of pushes, each told twice.
    for (let at = 0; at < 5; at++) await put();
    await world.until(async () => (await snapshots(world, 'shop')).length > before.length);
    const { stdout } = await world.holdfast('show', addressOf('shop'), '--refs');
    expect(stdout).to.include(commitId);
    // Some may come while the first is stored; all of them together are no more than two snapshots.
    expect((await snapshots(world, 'shop')).length - before.length).to.be.within(1, 2);
  },
};

export const codecommitRestore: Scenario = {
  name: 'codecommit-restore',
  async run(world) {
    const folder = path.join(world.folder, 'codecommit', 'shop');
    const { refs } = await refsOf(folder);
    await world.aws.call('codecommit', 'DeleteRepository', { repositoryName: 'shop' });
    rmSync(folder, { recursive: true });
    await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', folder);
    const to = ['--to', `codecommit::${region}://shop`, '--create', '--git-endpoint', world.codecommit.url];
    const restored = await world.holdfast('restore', addressOf('shop'), ...to);
    expect(restored.code, restored.stderr + restored.stdout).to.equal(0);
    expect((await refsOf(folder)).refs).to.deep.equal(refs);
    expect(await metadataOf(world, 'shop')).to.include({ repositoryDescription: 'The shop', defaultBranch: 'main' });
  },
};

async function metadataOf(world: World, repositoryName: string): Promise<Record<string, string>> {
  const { repositoryMetadata } = await world.aws.call<{ repositoryMetadata: Record<string, string> }>(
    'codecommit',
    'GetRepository',
    { repositoryName },
  );
  return repositoryMetadata;
}

/** The ids of a repository's snapshots. */
async function snapshots(world: World, name: string): Promise<string[]> {
  const { stdout } = await world.holdfast('show', addressOf(name));
  return [...stdout.matchAll(/^ {2}(\d{4}-\d\d-\d\dT\S+Z) /gm)].map(([, id = '']) => id);
}

function push(repositoryName: string, repositoryId: string, commitId: string): object {
  return {
    Source: 'aws.codecommit',
    DetailType: 'CodeCommit Repository State Change',
    Resources: [`arn:aws:codecommit:${region}:${account}:${repositoryName}`],
    Detail: JSON.stringify({
      event: 'referenceUpdated',
      repositoryName,
      repositoryId,
      referenceType: 'branch',
      referenceName: 'main',
      referenceFullName: 'refs/heads/main',
      commitId,
      callerUserArn: `arn:aws:iam::${account}:user/somebody`,
    }),
  };
}
