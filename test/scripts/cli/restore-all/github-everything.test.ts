import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { events } from '../../../support/command-line.ts';
import type { RepositoryContent } from '../../../support/github/records/content.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { organisation, type Organisation } from './organisation.ts';
import { richRepository } from './rich-repository.ts';

/** A mention, a reference or a link as GitHub would act on it, outside of code. */
const live = /(?<![A-Za-z0-9`])@[a-z]|\w#\d|github\.com\/[^/\s]+\/[^/\s]+\/(?:issues|pull|commit)\//;

describe('holdfast restore to github:<owner>/<name>', () => {
  const folder = useTemporaryFolders();
  let acme: Organisation;
  let stored: RepositoryContent;

  const restore = (...args: string[]) =>
    acme.run('restore', 'github/acme/web', '--creations-per-minute', '6000', ...args);
  const target = (name = 'restored/web') => acme.github.findRepository(name)!;
  const restored = (name?: string) => acme.github.contentOf(target(name));

  before(async () => {
    acme = await organisation(await folder(), 0);
    const repository = await richRepository(acme.github, 'acme/web');
    stored = acme.github.contentOf(repository);
    const backup = await acme.run('backup', 'github', 'acme', '--requests-per-minute', '1000', '--quiet');
    expect(backup.code, backup.stderr + backup.stdout).to.equal(0);
  });
  afterEach(() => {
    for (const one of acme.github.repositories.filter(({ fullName }) => fullName.startsWith('restored/')))
      acme.github.delete(one);
    acme.github.made.splice(0);
    acme.github.creationsLeft = undefined;
    acme.github.refusesDrafts = false;
    acme.github.refusals.clear();
  });
  after(() => acme.github.close());

  it('plans what would be made, in order, how long it takes, and what does not come back; nothing is made', async () => {
    const { code, stdout, stderr } = await acme.run(
      'restore',
      'github/acme/web',
      '--to',
      'github:restored/web',
      '--plan',
    );
    expect(code, stderr).to.equal(0);
    const at = ['github/acme/web  ', '/wiki', '/issues', '/discussions', '/releases', '/settings'].map((part) =>
      stdout.search(new RegExp(`^(would make|left out) .*${part}`, 'm')),
    );
    expect(at, stdout)
      .to.deep.equal(at.toSorted((a, b) => a - b))
      .and.not.to.include(-1);
    for (const line of [
      /^ +labels: 3$/m,
      /^ +milestones: 2$/m,
      /^ +issues: 2$/m,
      /^ +open pull requests: 1$/m,
      /^ +pull requests that become issues: 1$/m,
      /^ +closed issues in place of missing numbers: 2$/m,
      /does not come back: authors and dates/,
      /does not come back: 1 × deploy keys/,
      /7 listed = 4 to make \+ .* about \d+\.\d s; nothing was made$/m,
    ])
      expect(stdout).to.match(line);
    expect(acme.github.made).to.deep.equal([]);
    expect(acme.github.findRepository('restored/web')).to.equal(undefined);
  });

  it('brings everything back, with its numbers, equal to what was stored but for what the plan names', async () => {
    const { code, stdout, stderr } = await restore('--to', 'github:restored/web', '--json');
    expect(code, stderr + stdout).to.equal(0);
    const items = events(stdout).filter(({ event }) => event === 'item');
    for (const item of items.filter(({ outcome }) => outcome !== 'left-out'))
      expect(item, JSON.stringify(item)).to.include({ outcome: 'restored' });
    expect(items.filter(({ compared }) => compared !== undefined)).to.have.length(3);
    expect(items.flatMap(({ different }) => different ?? [])).to.deep.equal([]);
    expect(target().private).to.equal(true);
    const content = restored();
    const shape = ({ issues, pulls }: RepositoryContent, wanted: readonly number[]) =>
      wanted.map((number) => {
        const { title, state, locked } = issues.get(number)!;
        return { number, title, state, locked, isPull: pulls.get(number)?.state === 'open' };
      });
    expect(shape(content, [1, 4, 5, 6])).to.deep.equal(shape(stored, [1, 4, 5, 6]));
    expect([2, 3].map((number) => content.issues.get(number)!)).to.satisfy(
      (places: { state: string; title: string }[]) => places.every(({ state }) => state === 'closed'),
    );
    expect(content.issues.get(3)?.title).to.match(/discussion "What next\?"/);
    const named = ({ labels }: RepositoryContent) =>
      labels.map(({ name, color, description }) => ({ name, color, description: description ?? '' }));
    expect(named(content)).to.include.deep.members(named(stored));
    expect(content.labels.map(({ name }) => name)).to.have.length(3);
    expect(content.milestones.map(({ number, title }) => [number, title])).to.deep.equal([
      [1, 'first'],
      [3, 'third'],
    ]);
    expect(content.issues.get(1)).to.include({ state_reason: 'not_planned', active_lock_reason: 'resolved' });
    expect(content.issues.get(1)?.milestone?.number).to.equal(3);
    expect(content.issues.get(5)?.labels).to.satisfy(
      (labels: { name: string }[]) => labels[0]?.name === 'was a pull request',
    );
    expect(content.releases.map(({ tag_name: tag, draft, prerelease }) => ({ tag, draft, prerelease }))).to.deep.equal(
      stored.releases.map(({ tag_name: tag, draft, prerelease }) => ({ tag, draft, prerelease })),
    );
    expect(content.releases[0]?.assets.map(({ name, digest }) => [name, digest])).to.deep.equal(
      stored.releases[0]?.assets.map(({ name, digest }) => [name, digest]),
    );
    expect(content.fields).to.include({
      description: 'The web site',
      homepage: 'https://acme.example',
      has_projects: false,
    });
    expect(content.settings.get('/topics')).to.deep.equal({ names: ['web', 'site'] });
    expect(content.settings.get('/hooks')).to.satisfy(
      ([hook]: { active: boolean; config: object }[]) => hook?.active === false && !('secret' in hook.config),
    );
    expect(content.settings.get('/branches/main/protection')).to.include({ enforce_admins: true });
    expect(await readdir(acme.place)).to.satisfy((names: string[]) => !names.some((name) => name.includes('restore-')));
  });

  it('says who wrote what and when, and notifies no one', async () => {
    expect((await restore('--to', 'github:restored/web')).code).to.equal(0);
    const { issues, comments, releases } = restored();
    const texts = [...issues.values(), ...comments.values(), ...releases].map(({ body }) => body ?? '');
    for (const text of texts.filter((one) => !one.includes('```'))) {
      const withoutCode = text
        .replace(/`[^`]*`/g, '')
        .replace(/^<!--.*$/m, '')
        .replace(/redirect\.github\.com\S*/g, '');
      expect(withoutCode).not.to.match(live);
    }
    expect(issues.get(1)?.body).to.match(/^> `guest` opened this issue on 2026-01-01 00:\d\d UTC/m);
    expect(issues.get(1)?.body).to.include('see #6').and.to.include('`@code`');
    expect([...comments.values()].find(({ body }) => body?.includes('I agree'))?.body).to.include('\n@Override\n');
    expect([...comments.values()].filter(({ body }) => body?.includes('issues/6#'))).to.have.length(2);
    expect([...issues.values()].every(({ assignees }) => assignees?.length === 0)).to.equal(true);
  });

  it('does nothing when it is run again, and tells that all is there', async () => {
    expect((await restore('--to', 'github:restored/web', '--datasets', '!settings')).code).to.equal(0);
    acme.github.made.splice(0);
    const { code, stdout, stderr } = await restore('--to', 'github:restored/web', '--datasets', '!settings');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/7 listed = 0 restored \+ 3 already there \+ 0 failed \+ 4 left out/);
    expect(acme.github.made).to.deep.equal([]);
  });

  it('waits where GitHub has enough of new things, and makes nothing twice', async () => {
    acme.github.creationsLeft = 5;
    acme.github.creationsLater = 8;
    const { code, stdout, stderr } = await restore('--to', 'github:restored/web');
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout + stderr).to.match(/secondary rate limit.*trying again/);
    expect([...restored().issues.keys()]).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('refuses issues, with the reason, where numbers are taken, and touches nothing there', async () => {
    const there = await acme.github.addRepository('restored/web', { private: true, shape: { commits: 0 } });
    acme.github.contentOf(there).openIssue('Mine');
    const { code, stdout } = await restore('--to', 'github:restored/web', '--datasets', 'issues', '--plan');
    expect(code).to.equal(1);
    expect(stdout).to.match(/would fail .*\/issues {2}restored\/web has an issue or pull request #1 already/);
    expect((await restore('--to', 'github:restored/web', '--datasets', 'issues')).code).to.equal(1);
    expect(acme.github.made).to.deep.equal([]);
  });

  it('makes an issue of a pull request that GitHub refuses, and goes on past a record that it refuses', async () => {
    acme.github.refusals.set('POST /pulls', { status: 422, body: { message: 'Validation Failed' } });
    const { code, stdout, stderr } = await restore('--to', 'github:restored/web', '--datasets', 'code,issues');
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout + stderr).to.match(/GitHub refused open pull requests, which are issues now: #4/);
    expect([...restored().issues.keys()]).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('restores what is chosen by --datasets into a repository that lives, and leaves what is there', async () => {
    const there = await acme.github.addRepository('restored/web', {
      private: true,
      shape: { commits: 1, tags: ['v2'] },
    });
    acme.github.contentOf(there).release('v1', {}, { body: 'Mine' });
    const { code, stdout } = await restore('--to', 'github:restored/web', '--datasets', 'releases');
    expect(code, stdout).to.equal(1);
    expect(stdout).to.match(/the release v1 is there and was left as it is/);
    const releases = restored().releases.map(({ tag_name: tag, body, draft }) => [tag, body === 'Mine', draft]);
    expect(releases).to.deep.equal([
      ['v1', true, false],
      ['v2', false, false],
      ['v3', false, true],
    ]);
  });

  it('is public again only where that was asked for', async () => {
    const source = acme.github.findRepository('acme/web')!;
    source.private = false;
    const args = ['--requests-per-minute', '1000', '--full', '--datasets', 'settings', '--quiet'];
    expect((await acme.run('backup', 'github', 'acme', ...args)).code).to.equal(0);
    source.private = true;
    const only = ['--to', 'github:restored/web', '--datasets', 'code,settings'];
    expect((await restore(...only)).code).to.equal(0);
    expect(target().private).to.equal(true);
    acme.github.delete(target());
    expect((await restore(...only, '--visibility', 'stored')).code).to.equal(0);
    expect(target().private).to.equal(false);
  });
});
