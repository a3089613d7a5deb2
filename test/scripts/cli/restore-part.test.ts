import { expect } from 'chai';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { inProcess } from '../../support/in-process.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast restore of a part', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let living: string;
  let server: GitServer;
  let url: string;
  let old: string;
  let between: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);
  const isPack = ({ kind }: { kind: string }) => kind === 'receive-pack';

  before(async () => {
    place = await folder();
    server = await startGitServer({ root: path.join(place, 'served') });
    url = `${server.url}/app.git`;
    const files = { 'docs/a.txt': 'a', 'docs/deep/b.txt': 'b', 'src/main.txt': 'main' };
    living = await createRepository(path.join(place, 'served', 'app.git'), { commits: 2, tags: ['v1'], files });
    await addCommit(living, { files: { 'docs/a.txt': 'lost' } });
    expect((await run('backup', 'git', url)).code).to.equal(0);
    old = (await refsOf(living)).refs.get('refs/heads/main')!;
    between = new Date().toISOString();
    // Somebody pushes by force, and the lost commits are cleaned up.
    await git(living, 'update-ref', 'refs/heads/main', 'refs/tags/v1');
    await addCommit(living, { files: { 'docs/a.txt': 'new' } });
    await git(living, '-c', 'gc.reflogExpire=now', 'gc', '--quiet', '--prune=now');
    expect((await run('backup', 'git', url)).code).to.equal(0);
  });
  after(() => server.close());

  it('brings a branch that was force-pushed back beside the one that is there, and sends only what lacks', async () => {
    const before = (await refsOf(living)).refs;
    const args = ['restore', url, '--at', between, '--ref', 'main', '--to', url];
    const plan = await run(...args, '--plan');
    expect(plan.stdout, plan.stderr).to.match(/would make refs\/heads\/restored\/main at .*; nothing was sent/);
    expect((await refsOf(living)).refs).to.deep.equal(before);
    const { code, stdout, stderr } = await run(...args);
    expect(code, stderr + stdout).to.equal(0);
    expect(stdout).to.match(/refs\/heads\/main restored to .* as refs\/heads\/restored\/main/);
    expect((await refsOf(living)).refs).to.deep.equal(
      new Map([...before, ['refs/heads/restored/main', old]].sort() as [string, string][]),
    );
    await git(living, 'fsck', '--strict', '--connectivity-only');
    expect(server.requests.filter(isPack).at(-1)?.bodyBytes).to.be.lessThan(1_500);
    expect((await run(...args)).stdout).to.match(/has refs\/heads\/restored\/main already, as it was stored/);
  });

  it('never takes a name that is there', async () => {
    const before = (await refsOf(living)).refs;
    const { code, stderr } = await run('restore', url, '--at', between, '--ref', 'main', '--as', 'main', '--to', url);
    expect(stderr).to.match(/has refs\/heads\/main already, at/);
    expect(code).to.equal(1);
    expect((await refsOf(living)).refs).to.deep.equal(before);
  });

  it('brings a tag back under a stated name, of objects that are there', async () => {
    const { code, stderr } = await run('restore', url, '--ref', 'v1', '--as', 'v1-again', '--to', url);
    expect(code, stderr).to.equal(0);
    const { refs } = await refsOf(living);
    expect(refs.get('refs/tags/v1-again')).to.equal(refs.get('refs/tags/v1'));
  });

  it('restores a folder, or one file, of a commit under its path, at a stated time', async () => {
    const { code, stdout, stderr } = await run(
      'restore',
      url,
      '--path',
      'docs/',
      '--at',
      between,
      '--to',
      './docs-then',
    );
    expect(code, stderr + stdout).to.equal(0);
    expect((await readdir(path.join(place, 'docs-then'), { recursive: true })).sort()).to.deep.equal([
      'docs',
      'docs/a.txt',
      'docs/deep',
      'docs/deep/b.txt',
    ]);
    expect(await readFile(path.join(place, 'docs-then/docs/a.txt'), 'utf8')).to.equal('lost');
    expect((await run('restore', url, '--path', 'docs/a.txt', '--to', './one')).code).to.equal(0);
    expect(await readFile(path.join(place, 'one/docs/a.txt'), 'utf8')).to.equal('new');
    expect((await run('restore', url, '--path', 'docs/a.txt', '--ref', 'v1', '--to', './tagged')).code).to.equal(0);
    expect(await readFile(path.join(place, 'tagged/docs/a.txt'), 'utf8')).to.equal('a');
    const taken = await run('restore', url, '--path', 'src', '--to', './one');
    expect(taken.stderr).to.match(/is not empty/);
    const missing = await run('restore', url, '--path', 'nothing', '--to', './none');
    expect(missing.stderr).to.match(/there is no "nothing" in commit/);
    expect((await readdir(place)).filter((name) => /partial|none/.test(name))).to.deep.equal([]);
  });

  it('looks into the snapshot of a stated time', async () => {
    expect((await run('cat', url, 'docs/a.txt', '--at', between)).stdout).to.equal('lost');
    expect((await run('cat', url, 'docs/a.txt')).stdout).to.equal('new');
    expect((await run('ls', url, 'docs', '--at', between)).stdout).to.match(/docs\/a\.txt/);
    expect((await run('ls', url, '--at', '2020-01')).stderr).to.match(/has no snapshot as old as 2020-01-31/);
  });
});
