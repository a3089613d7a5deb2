import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { events } from '../../../support/command-line.ts';
import { secondaryLimit } from '../../../support/github/api.ts';
import { addCommit, useTemporaryFolders } from '../../../support/repositories.ts';
import { organisation, token, type Organisation } from './organisation.ts';

const datasets = ['--datasets', 'code', '--datasets', 'wiki', '--requests-per-minute', '1000'];

describe('holdfast restore --all to GitHub', () => {
  const folder = useTemporaryFolders();
  let acme: Organisation;
  const restore = (...args: string[]) => acme.run('restore', 'github/acme', '--all', ...args);
  const made = (): string[] =>
    acme.github.repositories.map(({ fullName }) => fullName).filter((name) => name.startsWith('restored/'));
  const clear = (): void => {
    for (const one of acme.github.repositories.filter(({ fullName }) => fullName.startsWith('restored/')))
      acme.github.delete(one);
  };

  before(async () => {
    acme = await organisation(await folder(), 4);
    await acme.github.addRepository('acme/empty', { shape: { commits: 0 }, hasWiki: false });
    const develop = { defaultBranch: 'develop', commits: 2, branches: ['main'] };
    await acme.github.addRepository('acme/develop', { shape: develop, wiki: { commits: 1 } });
    const backup = await acme.run('backup', 'github', 'acme', ...datasets, '--quiet');
    expect(backup.code, backup.stderr).to.equal(0);
  });
  afterEach(() => {
    clear();
    acme.github.faults.splice(0);
  });
  after(() => acme.github.close());

  it('plans without making anything, and says what is left out, what lacks and how long it takes', async () => {
    acme.github.scopes.set(token, 'repo, read:org');
    for (const flag of ['--plan', '--dry-run']) {
      const { code, stdout, stderr } = await restore('--to', 'github:restored', flag);
      expect(stdout, stderr).to.match(
        /^would make {5}github\/acme\/repository-0001 {2}2\S+, \S+ k?B, to http\S+\/restored\//m,
      );
      expect(stdout).to.match(
        /^left out {7}github\/acme\/develop\/wiki {2}GitHub makes a wiki only with its first page/m,
      );
      expect(stdout).to.match(/^lacks {2}the token lacks the scope workflow$/m);
      expect(stdout).to.match(/11 listed = 6 to make \+ .* \+ 5 left out; .* kB, about \d.*; nothing was made$/m);
      expect(code).to.equal(0);
    }
    acme.github.scopes.delete(token);
    expect(made()).to.deep.equal([]);
    expect((await readdir(acme.place)).filter((name) => name.includes('restore-'))).to.deep.equal([]);
  });

  it('makes repositories private, without Actions, with their default branch, and equal; again it does nothing', async () => {
    const { code, stdout, stderr } = await restore('--to', 'github:restored', '--json');
    expect(code, stderr + stdout).to.equal(0);
    const total = events(stdout).find(({ event }) => event === 'total');
    expect(total).to.deep.include({ listed: 11, restored: 6, there: 0, failed: 0, leftOut: 5 });
    expect(await acme.refs('restored')).to.deep.equal(await acme.refs('acme'));
    const restored = acme.github.repositories.filter(({ fullName }) => fullName.startsWith('restored/'));
    expect(restored.every((one) => one.private && !one.actions)).to.equal(true);
    expect(restored.find(({ fullName }) => fullName.endsWith('/develop'))?.defaultBranch).to.equal('develop');
    const pushes = acme.github.gitRequests.filter(({ kind }) => kind === 'receive-pack').length;
    const again = await restore('--to', 'github:restored');
    expect(again.stdout, again.stderr).to.match(/11 listed = 0 restored \+ 6 already there \+ 0 failed \+ 5 left out/);
    expect(again.code).to.equal(0);
    expect(acme.github.gitRequests.filter(({ kind }) => kind === 'receive-pack').length).to.equal(pushes);
  });

  it('names what is in the way, leaves it as it is, and restores all others', async () => {
    await acme.github.addRepository('restored/repository-0001', { private: true, shape: { commits: 3 } });
    await acme.github.addRepository('restored/repository-0002', { private: false, shape: { commits: 0 } });
    const before = (await acme.refs('restored'))['repository-0001'];
    const { code, stdout, stderr } = await restore('--to', 'github:restored');
    expect(code, stderr).to.equal(3);
    expect(stdout).to.match(/failed +github\/acme\/repository-0001 {2}TargetNotEmpty: .* holds something else/);
    expect(stdout).to.match(/failed +github\/acme\/repository-0002 {2}TargetNotEmpty: .* is public/);
    expect(stdout).to.match(/11 listed = 4 restored \+ 0 already there \+ 2 failed \+ 5 left out/);
    const after = await acme.refs('restored');
    expect(after['repository-0001']).to.deep.equal(before);
    expect(after['repository-0002']).to.deep.equal({});
    expect(after['repository-0003']).to.deep.equal((await acme.refs('acme'))['repository-0003']);
  });

  it('waits where GitHub asks for it, and goes on', async () => {
    acme.github.faults.push(secondaryLimit({ retryAfter: 1 }, { on: 'api', path: /^\/orgs/, skip: 2, times: 1 }));
    const { code, stdout, stderr } = await restore('--to', 'github:restored');
    expect(code, stderr + stdout).to.equal(0);
    expect(await acme.refs('restored')).to.deep.equal(await acme.refs('acme'));
  });

  it('refuses an owner that does not exist, one that is another user, and no token', async () => {
    const missing = await restore('--to', 'github:nobody');
    expect([missing.code, missing.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && /404/.test(text),
    );
    const other = await restore('--to', 'github:bob');
    expect(other.stderr).to.match(/the token is alice's, and bob is another user/);
    expect(made()).to.deep.equal([]);
  });

  it('brings 50 repositories that were deleted back to where they were, by one command', async function () {
    this.timeout(300_000);
    const many = await organisation(await folder(), 50);
    try {
      const before = await many.refs('acme');
      const backup = await many.run('backup', 'github', 'acme', '--datasets', 'code', '--requests-per-minute', '1000');
      expect(backup.code, backup.stderr).to.equal(0);
      for (const one of [...many.github.repositories]) many.github.delete(one);
      const { code, stdout, stderr } = await many.run('restore', 'github/acme', '--all', '--to', 'github:acme');
      expect(code, stderr + stdout).to.equal(0);
      expect(stdout).to.match(/^50 listed = 50 restored \+ 0 already there \+ 0 failed \+ 0 left out/m);
      expect(await many.refs('acme')).to.deep.equal(before);
    } finally {
      await many.github.close();
    }
  });

  it('restores the state of a stated time', async () => {
    const then = new Date().toISOString();
    const [first] = acme.github.repositories;
    const before = await acme.refs('acme');
    await addCommit(first!.path);
    first!.pushedAt = new Date();
    expect((await acme.run('backup', 'github', 'acme', ...datasets)).code).to.equal(0);
    expect((await restore('--to', 'github:restored', '--at', then)).code).to.equal(0);
    expect(await acme.refs('restored')).to.deep.equal(before);
  });
});
