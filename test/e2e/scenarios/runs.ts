import { expect } from 'chai';
import path from 'node:path';
import { events } from '../../support/command-line.ts';
import { addCommit, refsOf } from '../../support/repositories.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, token, type World } from '../world.ts';

/** The repositories with which every scenario begins. */
export async function seed(world: World): Promise<void> {
  const shape = { commits: 3, branches: ['dev'], tags: ['v1'], annotatedTags: ['v2'], pulls: 1 };
  await world.github.addRepository('acme/website', { shape });
  await world.github.addRepository('acme/vault', { shape, private: true });
  await world.github.addRepository('acme/empty', { shape: { commits: 0 } });
}

export const scheduleToSnapshot: Scenario = {
  name: 'schedule-to-snapshot',
  async run(world) {
    const { status, said } = await world.fireSchedule();
    expect(status, said).to.equal('SUCCEEDED');
    const { output } = await world.terraform('output', '-json', 'vault');
    const { locations } = JSON.parse(output) as { locations: { github: string } };
    expect(locations.github).to.equal(world.vault);
    for (const args of [['verify'], ['drill']]) {
      const { code, stderr } = await world.holdfast(...args);
      expect(code, stderr).to.equal(0);
    }
    for (const name of ['website', 'vault']) {
      const to = path.join(world.folder, `restored-${name}`);
      const restored = await world.holdfast('restore', `github/acme/${name}`, '--to', to);
      expect(restored.code, restored.stderr).to.equal(0);
      const { path: source } = repository(world, `acme/${name}`);
      expect((await refsOf(to)).refs).to.deep.equal((await refsOf(source)).refs);
    }
  },
};

export const secretChange: Scenario = {
  name: 'secret-change',
  async run(world) {
    await world.putSecret(JSON.stringify(world.settings({ BACKUP_EXCLUDE: 'acme/website' })));
    const { status, said } = await world.fireSchedule();
    await world.putSecret(JSON.stringify(world.settings()));
    expect(status, said).to.equal('SUCCEEDED');
    const report = await world.reportOf(said);
    expect(report.coverage).to.deep.equal({ listed: 3, stored: 0, unchanged: 2, skipped: 1, failed: 0 });
    const skipped = report.items.find(({ outcome }) => outcome === 'skipped');
    expect(skipped?.item.name).to.equal('acme/website');
    expect(skipped?.reason).to.include('exclude');
  },
};

export const malformedSecret: Scenario = {
  name: 'malformed-secret',
  async run(world) {
    const before = (await world.aws.notifications()).length;
    const value = 'NotABooleanButSecretAllTheSame';
    await world.putSecret(JSON.stringify(world.settings({ BACKUP_ONLY_OWNER_REPOS: value })));
    const { status, said } = await world.fireSchedule();
    await world.putSecret(JSON.stringify(world.settings()));
    expect(status).to.equal('FAILED');
    const messages = (await world.aws.notifications()).slice(before);
    const told = messages.find(({ message }) => message.includes('BACKUP_ONLY_OWNER_REPOS'));
    expect(told?.message).to.include('prod/github-backup').and.to.include('ConfigurationInvalid');
    expect(told?.subject).to.match(/FAILED/);
    for (const text of [said, ...messages.map(({ message }) => message), world.aws.log()])
      expect(text).to.not.include(value).and.not.include(token);
  },
};

export const partialRun: Scenario = {
  name: 'partial-run',
  async run(world) {
    const blocked = await world.github.addRepository('acme/blocked', { state: 'dmca' });
    await addCommit(repository(world, 'acme/website').path, { branch: 'main', message: 'Go on' });
    const before = (await world.aws.notifications()).length;
    const { arn, status, said } = await world.fireSchedule();
    world.github.delete(blocked);
    expect(status).to.equal('FAILED');
    expect(said).to.match(/^PartialRun: /);
    const report = await world.reportOf(said);
    expect(report.result).to.equal('partial');
    expect(report.coverage).to.deep.equal({ listed: 4, stored: 1, unchanged: 2, skipped: 0, failed: 1 });
    const message = (await world.aws.notifications()).slice(before).find(({ subject }) => subject?.includes('PARTIAL'));
    expect(message?.message).to.include('acme/blocked: SourceBlocked');

    const redriven = await world.redrive(arn);
    expect(redriven.status, redriven.said).to.equal('SUCCEEDED');
    const again = await world.reportOf(redriven.said);
    expect(again.coverage).to.deep.equal({ listed: 3, stored: 0, unchanged: 3, skipped: 0, failed: 0 });
  },
};

export const codebuildRoute: Scenario = {
  name: 'codebuild-route',
  async run(world) {
    // GitHub says that it has 20 GB, which no function would even begin.
    const large = await world.github.addRepository('acme/large', { shape: { commits: 5 }, size: 20_000_000 });
    const first = await world.fireSchedule();
    await addCommit(large.path, { branch: 'main', message: 'Go on' });
    const second = await world.fireSchedule();
    large.size = 64;
    for (const { status, said } of [first, second]) {
      expect(status, said).to.equal('SUCCEEDED');
      const report = await world.reportOf(said);
      expect(report.items.find(({ item }) => item.name === 'acme/large')?.outcome).to.equal('stored');
    }
    const builds = (await world.aws.calls()).filter(({ caller }) => caller.via.startsWith('codebuild:'));
    expect(builds.some(({ service, operation }) => service === 's3' && operation === 'PutObject')).to.equal(true);
    const drilled = await world.holdfast('drill', 'github/acme/large');
    expect(drilled.code, drilled.stderr).to.equal(0);
  },
};

export const retention: Scenario = {
  name: 'retention',
  async run(world) {
    // The deployment keeps the last three and what they need; every run so far made a snapshot of each.
    for (let run = 0; run < 2; run++) {
      await addCommit(repository(world, 'acme/vault').path, { branch: 'main', message: `Run ${run}` });
      const { status, said } = await world.fireSchedule();
      expect(status, said).to.equal('SUCCEEDED');
    }
    const shown = await world.holdfast('show', 'github/acme/empty', '--json');
    expect(shown.code, shown.stderr).to.equal(0);
    const snapshots = events(shown.stdout).filter(({ event }) => event === 'snapshot');
    // Three are kept, and the first with them, since the unchanged ones refer to it.
    expect(snapshots).to.have.length(4);
    expect((await world.holdfast('drill', '--all')).code).to.equal(0);
    const removals = (await world.aws.calls()).filter(
      ({ operation, caller }) => /^DeleteObject/.test(operation) && caller.role !== null,
    );
    expect(removals.length).to.be.above(0);
    const functions = new Set(removals.map(({ caller }) => caller.via));
    expect([...functions]).to.deep.equal([`lambda:${deployment}-github-retention`]);
  },
};

function repository(world: World, fullName: string): { path: string } {
  const found = world.github.repositories.find((one) => one.fullName === fullName);
  if (!found) throw new Error(`there is no ${fullName}`);
  return found;
}
