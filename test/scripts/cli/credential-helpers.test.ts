import { expect } from 'chai';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { holdfast } from '../../support/command-line.ts';
import { redirect } from '../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { startGitHub, type GitHub } from '../../support/github-server.ts';
import { createRepository, git, useTemporaryFolders } from '../../support/repositories.ts';

const canary = 'Canary7d1e90b3PlantedPassword';

describe('logins that the user has already', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let home: string;
  let server: GitServer;
  let other: GitServer;
  let closed: boolean;

  before(async () => {
    place = await folder();
    const root = path.join(place, 'repositories');
    await createRepository(path.join(root, 'app.git'), { commits: 1 });
    await createRepository(path.join(root, 'new.git'), { commits: 0 });
    await createRepository(path.join(root, 'copy.git'), { commits: 0 });
    const authorize = ({ secret }: { secret: string }) => !closed || secret === canary;
    server = await startGitServer({ root, authorize });
    other = await startGitServer({ root, authorize });
  });
  after(async () => {
    await server.close();
    await other.close();
  });

  /** A program that keeps what it was asked, and answers the same each time. */
  async function fake(file: string, answer: string): Promise<void> {
    const script = `#!/bin/sh\necho "$@" >> '${home}/asked'\n[ "$1" = auth ] || cat >> '${home}/asked'\n${answer}\n`;
    await writeFile(file, script, { mode: 0o755 });
  }

  const asked = () => readFile(path.join(home, 'asked'), 'utf8').catch(() => '');

  beforeEach(async () => {
    closed = true;
    server.faults.length = 0;
    home = path.join(place, 'home');
    await rm(home, { recursive: true, force: true });
    await mkdir(path.join(home, 'bin'), { recursive: true });
    await fake(path.join(home, 'helper'), `echo username=me; echo password=${canary}`);
    await writeFile(path.join(home, '.gitconfig'), `[credential]\n\thelper = ${home}/helper\n`);
  });

  async function run(args: string[], { cwd = place, env = {} }: { cwd?: string; env?: Record<string, string> } = {}) {
    const PATH = `${path.join(home, 'bin')}:${process.env['PATH'] ?? ''}`;
    const result = await holdfast(args, { cwd, env: { HOME: home, PATH, ...env } });
    expect(result.stdout + result.stderr).to.not.include(canary);
    return result;
  }

  it("git's credential helpers serve backup, restore and copy", async () => {
    const vault = ['--vault', path.join(place, 'vault')];
    expect(await run(['backup', 'git', `${server.url}/app.git`, ...vault])).to.include({ code: 0 });
    expect(await asked()).to.include(`host=${new URL(server.url).host}`);
    const restored = await run(['restore', 'app', '--to', `${server.url}/new.git`, ...vault]);
    expect(restored, restored.stderr).to.include({ code: 0 });
    const copied = await run(['copy', `${server.url}/app.git`, '--to', `${server.url}/copy.git`]);
    expect(copied, copied.stderr).to.include({ code: 0 });
  });

  it('no helper is asked with --no-credential-helpers, nor where the server wants no login or netrc has one', async () => {
    const backup = ['backup', 'git', `${server.url}/app.git`, '--full'];
    const refused = await run([...backup, '--no-credential-helpers']);
    expect(refused.stdout).to.match(/AccessDenied/);
    expect(refused.code).to.equal(1);
    await writeFile(path.join(home, '.netrc'), `machine 127.0.0.1 login me password ${canary}\n`);
    expect(await run(backup)).to.include({ code: 0 });
    await rm(path.join(home, '.netrc'));
    closed = false;
    expect(await run(backup)).to.include({ code: 0 });
    expect(await asked()).to.equal('');
  });

  it('no helper is asked for the host to which the server redirects', async () => {
    server.faults.push(redirect({ to: other.url }));
    expect((await run(['backup', 'git', `${server.url}/app.git`])).stdout).to.match(/AccessDenied/);
    expect(await asked()).to.equal('');
    expect(other.requests.filter(({ headers }) => headers.authorization !== undefined)).to.deep.equal([]);
  });

  it('a login that is refused, and helpers without one, end in a refusal and ask nobody', async () => {
    for (const answer of ['echo username=me; echo password=wrong', 'exit 1', 'echo quit=1', ':']) {
      await fake(path.join(home, 'helper'), answer);
      const { code, stdout } = await run(['backup', 'git', `${server.url}/app.git`]);
      expect(stdout, answer).to.match(/AccessDenied/);
      expect(code).to.equal(1);
    }
  });

  it('no helper is run that the repository in the current folder names', async () => {
    await rm(path.join(home, '.gitconfig'));
    const cwd = path.join(place, 'checkout');
    await git(place, 'init', '-q', cwd);
    await git(cwd, 'config', 'credential.helper', path.join(home, 'helper'));
    expect((await run(['backup', 'git', `${server.url}/app.git`], { cwd })).stdout).to.match(/AccessDenied/);
    expect(await asked()).to.equal('');
  });

  describe('at GitHub', () => {
    let github: GitHub;
    before(async () => {
      github = await startGitHub({
        root: path.join(place, 'github'),
        accounts: [{ login: 'octo' }],
        tokens: { [canary]: 'octo' },
      });
      await github.addRepository('octo/secret', { private: true });
    });
    after(() => github.close());
    const backup = (...more: string[]) => [
      'backup',
      'github',
      'octo',
      '--api-url',
      github.apiUrl,
      '--dry-run',
      ...more,
    ];

    it('gh has the token', async () => {
      await fake(path.join(home, 'bin', 'gh'), `echo ${canary}`);
      const { stdout, code } = await run(backup());
      expect(stdout).to.include('octo/secret').and.not.include('there is no token');
      expect(code).to.equal(0);
      expect(await asked()).to.equal(`auth token --hostname ${new URL(github.apiUrl).host}\n`);
    });

    it('gh is not asked with --no-credential-helpers, nor where a token was given', async () => {
      await fake(path.join(home, 'bin', 'gh'), `echo ${canary}`);
      expect((await run(backup('--no-credential-helpers'))).stdout).to.include('there is no token');
      expect((await run(backup(), { env: { GITHUB_TOKEN: canary } })).stdout).to.include('octo/secret');
      await writeFile(path.join(home, 'token'), canary);
      expect((await run(backup('--token-file', path.join(home, 'token')))).stdout).to.include('octo/secret');
      expect(await asked()).to.equal('');
    });

    it('a gh that is not logged in is none', async () => {
      await fake(path.join(home, 'bin', 'gh'), 'echo no oauth token found >&2; exit 1');
      expect((await run(backup())).stdout).to.include('there is no token');
    });
  });
});
