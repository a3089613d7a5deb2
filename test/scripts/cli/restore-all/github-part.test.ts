import { expect } from 'chai';
import path from 'node:path';
import { events, holdfast } from '../../../support/command-line.ts';
import type { RepositoryContent } from '../../../support/github/records/content.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { organisation, type Organisation } from './organisation.ts';
import { richRepository } from './rich-repository.ts';

describe('holdfast restore of single records to GitHub', () => {
  const folder = useTemporaryFolders();
  let acme: Organisation;
  let content: RepositoryContent;
  const restore = (typed: string, ...args: string[]) =>
    acme.run('restore', typed, '--to', 'github:acme/web', '--creations-per-minute', '6000', ...args);

  before(async () => {
    acme = await organisation(await folder(), 0);
    content = acme.github.contentOf(await richRepository(acme.github, 'acme/web'));
    const backup = await acme.run('backup', 'github', 'acme', '--requests-per-minute', '1000', '--quiet');
    expect(backup.code, backup.stderr + backup.stdout).to.equal(0);
  });
  beforeEach(() => acme.github.made.splice(0));
  after(() => acme.github.close());

  it('says what it would do, and does nothing', async () => {
    const { code, stdout } = await restore('github/acme/web/issues/1', '--plan');
    expect([code, stdout]).to.satisfy(
      ([exit, text]: [number, string]) => exit === 0 && /would be restored.*nothing was made/.test(text),
    );
    expect(acme.github.made).to.deep.equal([]);
  });

  it('brings an issue that was deleted back as a new one, with what was said, once', async () => {
    const before = [...content.issues.keys()];
    content.removeIssue(1);
    const { code, stdout, stderr } = await restore('github/acme/web/issues/1', '--json');
    expect(code, stderr + stdout).to.equal(0);
    const [told] = events(stdout);
    const number = told?.['number'] as number;
    expect(before).not.to.include(number);
    const made = content.issues.get(number);
    expect(made).to.include({ title: 'It breaks', state: 'closed', state_reason: 'not_planned', locked: true });
    expect(made?.milestone?.title).to.equal('third');
    expect(made?.body).to.include('see #\u200b6').and.to.include('`guest` opened this issue');
    expect(made?.comments).to.equal(1);
    acme.github.made.splice(0);
    const again = await restore('github/acme/web', '--issue', '1');
    expect(again.stdout, again.stderr).to.match(new RegExp(`is there already, github:acme/web as #${number}`));
    expect(acme.github.made).to.deep.equal([]);
  });

  it('leaves labels and releases that are there, and says so', async () => {
    Object.assign(content.labels[0] ?? {}, { color: '000000' });
    content.labels.splice(1, 1);
    const labels = await restore('github/acme/web/labels');
    expect(labels.code, labels.stderr).to.equal(0);
    expect(labels.stdout).to.match(/bug is there and differs; it was left/);
    expect(content.labels.map(({ name, color }) => [name, color])).to.deep.include.members([
      ['bug', '000000'],
      ['help wanted: you', 'ededed'],
    ]);
    const release = await restore('github/acme/web/releases/v1');
    expect(release.stdout, release.stderr).to.match(/the release v1 is there and was left as it is/);
    expect(acme.github.made.filter((one) => one.includes('releases'))).to.deep.equal([]);
  });

  it('brings a release that was deleted back as a draft with its assets', async () => {
    const [first] = content.releases.splice(0, 1);
    const { code, stdout, stderr } = await restore('github/acme/web', '--release', 'v1');
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout).to.match(/is a draft: publish it in the browser/);
    const made = content.releases.find(({ tag_name: tag }) => tag === 'v1');
    expect(made?.draft).to.equal(true);
    expect(made?.assets.map(({ digest }) => digest)).to.deep.equal(first?.assets.map(({ digest }) => digest));
  });

  it('refuses a number that the snapshot does not have, and a target without a repository', async () => {
    const missing = await restore('github/acme/web/issues/99');
    expect([missing.code, missing.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && /has no issue or pull request #99/.test(text),
    );
    const { code, stderr } = await acme.run('restore', 'github/acme/web/issues/1', '--to', 'github:acme');
    expect(code).to.equal(2);
    expect(stderr).to.match(/a single record needs a repository/);
    expect(acme.github.made).to.deep.equal([]);
  });

  it('shows and compares the state of a stated time', async () => {
    const env = { HOLDFAST_VAULT: path.join(acme.place, 'vault') };
    const run = (...args: string[]) => holdfast(args, { cwd: acme.place, env });
    const shown = await run('show', 'github/acme/web/issues', '--at', '2999');
    expect(shown.code, shown.stderr).to.equal(0);
    for (const verb of ['show', 'diff']) {
      const early = await run(verb, 'github/acme/web/issues', '--at', '2020');
      expect(early.stderr).to.match(/has no snapshot as old as/);
    }
    const both = await run('show', 'github/acme/web/issues', '--at', '2999', '--snapshot', '2026');
    expect(both.code).to.equal(2);
    expect(both.stderr).to.match(/--at does not apply together with --snapshot/);
  });
});
