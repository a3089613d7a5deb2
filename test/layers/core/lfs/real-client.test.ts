import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startGitHub, type GitHub } from '../../../support/github-server.ts';
import { git, gitWith, useTemporaryFolders } from '../../../support/repositories.ts';
import { events, holdfast } from '../../../support/command-line.ts';

const token = 'ghp_octoOctoOctoOctoOctoOctoOctoOcto0001';

describe('objects that the real client of Git LFS stored', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  before(async function () {
    if ((await git('.', 'lfs', 'version').catch(() => '')) === '') this.skip();
  });

  afterEach(() => github.close());

  it('are backed up, shown, drilled, and restored so that it checks them out and uploads them', async function () {
    this.timeout(60_000);
    const place = await folder();
    github = await startGitHub({
      root: join(place, 'github'),
      accounts: [{ login: 'octo' }, { login: 'acme', type: 'Organization', members: ['octo'] }],
      tokens: { [token]: 'octo' },
    });
    await github.addRepository('acme/art', { shape: { commits: 0 }, private: true });
    await github.addRepository('acme/copy', { shape: { commits: 0 }, private: true });
    const login = github.url.replace('://', `://octo:${token}@`);
    const env = { HOME: place };
    const work = join(place, 'work');
    await git(place, 'init', '--quiet', '--initial-branch=main', work);
    await gitWith({ cwd: work, env }, 'lfs', 'install', '--local');
    await gitWith({ cwd: work, env }, 'lfs', 'track', '*.psd');
    const content = randomBytes(2 << 20);
    await writeFile(join(work, 'logo.psd'), 'first version');
    await gitWith({ cwd: work, env }, 'add', '--all');
    await gitWith({ cwd: work, env }, 'commit', '--quiet', '--message=first');
    await writeFile(join(work, 'logo.psd'), content);
    await gitWith({ cwd: work, env }, 'commit', '--quiet', '--all', '--message=second');
    await gitWith({ cwd: work, env }, 'config', 'lfs.locksverify', 'false');
    await gitWith({ cwd: work, env }, 'push', '--quiet', `${login}/acme/art.git`, 'main');

    const run = (...args: string[]) => holdfast(args, { cwd: place, env: { GITHUB_TOKEN: token } });
    const api = ['--api-url', github.apiUrl];
    const backup = await run(
      'backup',
      'github',
      'acme',
      '--include',
      'art',
      '--datasets',
      'code,lfs',
      ...api,
      '--json',
    );
    expect(backup.code, backup.stdout + backup.stderr).to.equal(0);
    const lfs = events(backup.stdout).find(
      (one) => one['event'] === 'item' && one['address'] === 'github/acme/art/lfs',
    );
    expect(lfs).to.include({ outcome: 'stored', kind: 'full' });
    const shown = await run('show', 'github/acme/art/lfs');
    expect(shown.stdout).to.include(createHash('sha256').update(content).digest('hex'));
    expect((await run('drill', 'github/acme/art/lfs')).code).to.equal(0);
    expect((await run('verify')).code).to.equal(0);

    const restored = join(place, 'restored');
    expect((await run('restore', 'github/acme/art', '--to', restored, '--checkout')).code).to.equal(0);
    const objects = await run('restore', 'github/acme/art/lfs', '--to', restored);
    expect(objects.code, objects.stderr).to.equal(0);
    await gitWith({ cwd: restored, env }, 'lfs', 'install', '--local');
    await gitWith({ cwd: restored, env }, 'lfs', 'fsck');
    await gitWith({ cwd: restored, env }, 'lfs', 'checkout');
    expect((await readFile(join(restored, 'logo.psd'))).equals(content)).to.equal(true);

    await rm(github.lfs.pathOf(createHash('sha256').update(content).digest('hex')));
    const copy = `${github.url}/acme/copy.git`;
    const uploaded = await run('restore', 'github/acme/art/lfs', '--to', copy, ...api);
    expect(uploaded.code, uploaded.stdout + uploaded.stderr).to.equal(0);
    expect(uploaded.stdout + uploaded.stderr).to.match(/1 object uploaded.*1 were there/);
  });
});
