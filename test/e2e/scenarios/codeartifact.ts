import { expect } from 'chai';
import { seedPackages } from '../../support/codeartifact-server.ts';
import type { PackageName } from '../../support/codeartifact/model.ts';
import { inLittleTime, publishSlowly } from '../little-time.ts';
import { addressOf, domain, itemOf, libraries, repository, snapshotsOf, untilKept } from '../packages.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type Execution, type World } from '../world.ts';

const tool = { format: 'maven', namespace: 'com.example', package: 'tool' } as const;
const broken = { format: 'generic', namespace: 'com.example', package: 'broken' } as const;
const short = { format: 'pypi', package: 'short-lived' } as const;
const slow = { format: 'generic', namespace: 'com.example', package: 'slow' } as const;
const tagged = { format: 'npm', namespace: 'acme', package: 'package-0001' } as const;
const settings = 1;
const seeded = 12;

/** What was published before anybody listened. */
export function seedCodeArtifact({ codeartifact }: World): void {
  const company = codeartifact.addDomain(domain);
  const kept = codeartifact.addRepository(company, repository, { description: 'Ours' });
  seedPackages(codeartifact, kept, { format: 'npm', namespace: 'acme', packages: seeded, versions: 2 });
  codeartifact.package(kept, tagged).tags.set('next', '1.0.0');
  const quiet = { quiet: true };
  for (const version of ['1.0', '1.1'])
    codeartifact.addVersion(kept, { ...tool, version, assets: { [`tool-${version}.jar`]: version }, ...quiet });
  codeartifact.addVersion(kept, { ...broken, version: '1.0', assets: { 'broken.bin': 'Broken' }, ...quiet });
  codeartifact.addVersion(kept, { ...short, version: '1.0', assets: { 'short-1.0.tar.gz': 'Short' }, ...quiet });
  const externalConnection = 'public:npmjs';
  seedPackages(codeartifact, kept, { format: 'npm', packages: 1, externalConnection });
  // Neither is asked for.
  seedPackages(codeartifact, codeartifact.addRepository(company, 'sandbox'), { format: 'npm', packages: 1 });
  seedPackages(codeartifact, codeartifact.addRepository(codeartifact.addDomain('private'), repository), {
    format: 'npm',
    packages: 1,
  });
}

export const codeartifactSweep: Scenario = {
  name: 'codeartifact-sweep',
  async run(world) {
    const { codeartifact } = world;
    codeartifact.denied.push({ action: 'codeartifact:GetPackageVersionAsset', resource: /\/broken$/ });
    const first = await world.fireSchedule(undefined, 'codeartifact');
    expect(first.status, 'one package has failed').to.equal('FAILED');
    const { coverage, items } = await world.reportOf(first.said);
    const others = seeded + 2;
    const listed = settings + libraries(world).packages.size;
    const stored = settings + others;
    // The copy of a public package is listed, but none of its versions is kept; and what events brought is there already.
    expect(coverage).to.deep.equal({ listed, stored, unchanged: listed - stored - 1, skipped: 0, failed: 1 });
    const failed = items.find(({ outcome }) => outcome === 'failed');
    expect(failed?.item.name).to.match(/\/broken$/);
    expect(failed?.message).to.contain('codeartifact:GetPackageVersionAsset');
    codeartifact.denied.length = 0;
    const tags = await world.holdfast('show', addressOf(tagged), '--json');
    expect(tags.stdout).to.contain('"distTags":{"latest":"1.0.1","next":"1.0.0"}');

    const version = codeartifact.findVersion(libraries(world), { ...tool, version: '1.1' })!;
    for (const status of ['Unlisted', 'Archived'] as const) {
      codeartifact.setStatus(version, status);
      await untilKept(world, tool, '1.1', status);
    }
    const second = await world.fireSchedule(undefined, 'codeartifact');
    expect(second.status, second.said).to.equal('SUCCEEDED');
    expect((await world.reportOf(second.said)).coverage).to.include({ stored: 1, unchanged: listed - 1, failed: 0 });
    // Retention keeps one here, and what that one needs.
    expect(await statesOf(world, tool, '1.1')).to.deep.equal(['Published', 'Archived']);

    await vanish(world);
    await build(world);
  },
};

/** What is gone is said, and kept; what is slow is handed to CodeBuild meanwhile. */
async function vanish(world: World): Promise<void> {
  const { codeartifact } = world;
  const { onEvent } = codeartifact;
  codeartifact.onEvent = undefined;
  codeartifact.deleteVersion(codeartifact.findVersion(libraries(world), { ...tool, version: '1.0' })!);
  codeartifact.deletePackage(codeartifact.package(libraries(world), short));
  codeartifact.onEvent = onEvent;
  publishSlowly(world, slow, true);
  let ended: Execution | undefined;
  await inLittleTime(world, 'codeartifact-backup', async () => {
    ended = await world.fireSchedule(undefined, 'codeartifact');
  });
  const { status = '', said = '' } = ended ?? {};
  expect(status, said).to.equal('SUCCEEDED');
  const { items, warnings } = await world.reportOf(said);
  expect(warnings.join('\n')).to.contain(`${itemOf(short).name} is no longer listed; its snapshots are kept`);
  const of = items.find(({ item }) => item.name === itemOf(tool).name);
  expect(of?.versions).to.include({ listed: 1, gone: 1 });
  expect(await statesOf(world, tool, '1.0')).to.deep.equal(['Published', 'Deleted']);
  expect(await statesOf(world, slow, '1.0')).to.deep.equal(['Published']);
  const calls = (await world.aws.calls()).filter(({ operation }) => operation === 'GetPackageVersionAsset');
  const reads = calls.filter(({ resource }) => resource.endsWith('/slow')).map(({ caller }) => caller.via);
  expect(reads).to.deep.equal([`lambda:${deployment}-codeartifact-backup`, `codebuild:${deployment}-codeartifact`]);
}

/** In CodeBuild everything goes the same way. */
async function build(world: World): Promise<void> {
  const assets = { 'tool-1.2.jar': '1.2' };
  world.codeartifact.addVersion(libraries(world), { ...tool, version: '1.2', assets, quiet: true });
  for (const item of [itemOf(), itemOf(tool), itemOf(tagged)]) {
    const variables = {
      HOLDFAST_ITEM: JSON.stringify({ item }),
      HOLDFAST_RUN: '2026-01-01T000000.000Z',
      HOLDFAST_VAULT: world.vault,
    };
    expect(await world.build(`${deployment}-codeartifact`, variables)).to.equal('SUCCEEDED');
  }
  await untilKept(world, tool, '1.2', 'Published');
}

/** The states of a version of which there are snapshots, oldest first. */
async function statesOf(world: World, name: PackageName, version: string): Promise<(string | undefined)[]> {
  return (await snapshotsOf(world, name, version)).map(({ metadata }) => metadata.status);
}
