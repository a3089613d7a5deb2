import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { events, holdfast } from '../../support/command-line.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast: the life of a repository', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  const run = (...args: string[]) => holdfast(args, { cwd: place });

  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), {
      commits: 4,
      branches: ['dev'],
      tags: ['v1'],
      annotatedTags: ['v2'],
      notes: true,
      pulls: 2,
    });
  });

  it('backs up into the default folder, and says what it stored and where', async () => {
    const { code, stdout } = await run('backup', 'git', repository);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^stored .*app\.git {2}full, .* refs$/m);
    expect(stdout).to.match(/1 listed = 1 stored \+ 0 unchanged \+ 0 skipped \+ 0 failed; .* into .*\/vault$/m);
    expect(await readdir(path.join(place, 'vault'))).to.include.members(['git', 'runs', 'index']);
  });

  it('finds an unchanged repository unchanged, and a changed one changed', async () => {
    expect((await run('backup', 'git', repository)).stdout).to.match(/^unchanged/m);
    await addCommit(repository, { branch: 'main', message: 'More' });
    expect((await run('backup', 'git', repository)).stdout).to.match(/^stored .* incremental, /m);
  });

  it('lists the item with its snapshots, and shows each with its size and the refs', async () => {
    expect((await run('list')).stdout).to.match(/app\.git +3 snapshots/);
    const { stdout } = await run('show', repository);
    expect(stdout).to.match(/full .*\n.*unchanged .*\n.*incremental/);
    expect(stdout).to.include('refs/heads/main').and.to.include('HEAD at refs/heads/main');
  });

  it('verifies and drills what is stored', async () => {
    expect(await run('verify')).to.include({ code: 0 });
    const drilled = await run('drill', '--all');
    expect(drilled.code).to.equal(0);
    expect(drilled.stdout.match(/^restores/gm)).to.have.length(3);
  });

  it('restores into a folder, a working tree, a bundle and a Git server, with the same refs each time', async () => {
    const target = path.join(place, 'server.git');
    await git(place, 'init', '--quiet', '--bare', target);
    for (const to of ['mirror', 'file.bundle', `file://${target}`]) {
      const restored = await run('restore', 'app.git', '--to', to);
      expect(restored.code, restored.stderr).to.equal(0);
    }
    await git(place, 'clone', '--quiet', '--mirror', 'file.bundle', 'from-bundle');
    const { refs } = await refsOf(repository);
    for (const copy of ['mirror', 'from-bundle', 'server.git'])
      expect((await refsOf(path.join(place, copy))).refs, copy).to.deep.equal(refs);
    expect((await run('restore', 'app.git', '--to', 'tree', '--checkout')).code).to.equal(0);
    expect(await git(path.join(place, 'tree'), 'status', '--porcelain')).to.equal('');
  });

  it('restores an older snapshot by the beginning of its id', async () => {
    const shown = events((await run('show', repository, '--json')).stdout).filter(({ event }) => event === 'snapshot');
    const id = String(shown[0]?.['snapshot']);
    const { code, stdout } = await run('restore', repository, '--snapshot', id, '--to', 'older');
    expect(code).to.equal(0);
    expect(stdout).to.include(id);
    const now = (await refsOf(repository)).refs.get('refs/heads/main');
    const then = (await refsOf(path.join(place, 'older'))).refs.get('refs/heads/main');
    expect(then).to.be.a('string').and.not.equal(now);
  });

  it('never restores over something', async () => {
    const again = await run('restore', 'app.git', '--to', 'mirror');
    expect(again.code).to.equal(1);
    expect(again.stderr).to.match(/^error: .*mirror is not empty\n {2}A restore never overwrites anything/);
    expect((await run('restore', 'app.git', '--to', 'file.bundle')).stderr).to.include('already exists');
  });

  it('tells machines the same in JSON, one object a line, and people nothing', async () => {
    const { code, stdout, stderr } = await run('backup', 'git', repository, '--json');
    expect(code).to.equal(0);
    const [item, report, ...more] = events(stdout);
    expect(item).to.include({ event: 'item', outcome: 'unchanged' });
    expect(report).to.deep.include({ event: 'report', result: 'complete' });
    expect(report?.['coverage']).to.deep.equal({ listed: 1, stored: 0, unchanged: 1, skipped: 0, failed: 0 });
    expect(more).to.deep.equal([]);
    expect(stderr).to.equal('');
  });

  it('prints nothing with --quiet when all is well', async () => {
    expect(await run('backup', 'git', repository, '--quiet')).to.deep.equal({ code: 0, stdout: '', stderr: '' });
  });

  it('uses no colours when piped', async () => {
    const { stdout } = await holdfast(['backup', 'git', repository], { cwd: place, env: { FORCE_COLOR: '0' } });
    expect(stdout).to.not.include('\u001b');
  });

  it('stores a report that says the same as the screen', async () => {
    const { stdout } = await run('backup', 'git', repository);
    const key = /report: (\S+)/.exec(stdout)?.[1] ?? '';
    const report: unknown = JSON.parse(await readFile(path.join(place, 'vault', key), 'utf8'));
    expect(report).to.deep.include({ result: 'complete', source: 'git' });
  });
});
