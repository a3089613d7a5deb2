import { expect } from 'chai';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../../scripts/cli/main.ts';
import { startGitServer, type GitServer } from '../../../support/git-server.ts';
import { inProcess } from '../../../support/in-process.ts';
import { createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';

describe('holdfast restore --all into folders and to Git servers', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let server: GitServer;
  let scope: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);
  const stored = (name: string) => refsOf(path.join(place, 'served', 'team', name));

  before(async () => {
    place = await folder();
    server = await startGitServer({ root: path.join(place, 'served') });
    const shape = { commits: 2, branches: ['dev'], annotatedTags: ['v1'] };
    await createRepository(path.join(place, 'served', 'team', 'app.git'), { ...shape, seed: 'app' });
    await createRepository(path.join(place, 'served', 'team', 'deep', 'lib.git'), { ...shape, seed: 'lib' });
    await createRepository(path.join(place, 'served', 'team', 'empty.git'), { commits: 0 });
    const urls = ['app', 'deep/lib', 'empty'].map((name) => `${server.url}/team/${name}.git`);
    const backup = await run('backup', 'git', ...urls);
    expect(backup.code, backup.stderr).to.equal(0);
    scope = `git/${new URL(server.url).host}/team`;
  });
  after(() => server.close());

  it('makes a bare mirror of each below the folder, as their paths are below the scope', async () => {
    const { code, stdout, stderr } = await run('restore', scope, '--all', '--to', 'mirrors');
    expect(code, stderr + stdout).to.equal(0);
    for (const name of ['app.git', 'deep/lib.git', 'empty.git'])
      expect(await refsOf(path.join(place, 'mirrors', name)), name).to.deep.equal(await stored(name));
    await git(path.join(place, 'mirrors', 'app.git'), 'fsck', '--strict');
    expect((await run('restore', scope, '--all', '--to', 'mirrors')).stdout).to.match(
      /3 listed = 0 restored \+ 3 already/,
    );
  });

  it('without a scope restores the whole vault, each below its source', async () => {
    const { code, stdout, stderr } = await run('restore', '--all', '--to', './whole');
    expect(code, stderr + stdout).to.equal(0);
    expect(await refsOf(path.join(place, 'whole', ...scope.split('/'), 'deep/lib.git'))).to.deep.equal(
      await stored('deep/lib.git'),
    );
  });

  it('makes bundles with --bundles, and says that an empty repository has none', async () => {
    const { code, stdout } = await run('restore', scope, '--all', '--to', 'bundles', '--bundles');
    expect(stdout)
      .to.match(/left out .*empty {2}it was empty/)
      .and.to.match(/3 listed = 2 restored .* 1 left out/);
    expect(code).to.equal(0);
    await git(place, 'clone', '--quiet', '--mirror', 'bundles/app.bundle', 'cloned.git');
    expect((await refsOf(path.join(place, 'cloned.git'))).refs).to.deep.equal((await stored('app.git')).refs);
  });

  it('pushes to repositories below a URL, and names those that are missing or hold something else', async () => {
    await git(place, 'init', '--quiet', '--bare', '--initial-branch=main', 'served/new/deep/lib.git');
    const other = await createRepository(path.join(place, 'served', 'new', 'empty.git'), { commits: 1, seed: 'other' });
    const before = await refsOf(other);
    const { code, stdout } = await run('restore', scope, '--all', '--to', `${server.url}/new`);
    expect(stdout)
      .to.match(/restored .*deep\/lib /)
      .and.to.match(/failed .*app {2}SourceMissing: there is no repository/)
      .and.to.match(/failed .*empty {2}TargetNotEmpty: .*holds something else/)
      .and.to.match(/3 listed = 1 restored \+ 0 already there \+ 2 failed \+ 0 left out/);
    expect(code).to.equal(3);
    expect(await refsOf(other)).to.deep.equal(before);
    expect((await refsOf(path.join(place, 'served', 'new', 'deep', 'lib.git'))).refs).to.deep.equal(
      (await stored('deep/lib.git')).refs,
    );
    // Once it is made, the same command restores what was missing.
    await git(place, 'init', '--quiet', '--bare', '--initial-branch=main', 'served/new/app.git');
    const again = await run('restore', scope, '--all', '--to', `${server.url}/new`);
    expect(again.stdout).to.match(/3 listed = 1 restored \+ 1 already there \+ 1 failed \+ 0 left out/);
  });

  it('leaves what stands in a folder as it is', async () => {
    await createRepository(path.join(place, 'taken', 'app.git'), { commits: 1, seed: 'mine' });
    await writeFile(path.join(place, 'taken', 'empty.git'), 'a file');
    const before = await refsOf(path.join(place, 'taken', 'app.git'));
    const { code, stdout } = await run('restore', scope, '--all', '--to', 'taken');
    expect(stdout).to.match(/3 listed = 1 restored \+ 0 already there \+ 2 failed/);
    expect(code).to.equal(3);
    expect(await refsOf(path.join(place, 'taken', 'app.git'))).to.deep.equal(before);
    expect(await readFile(path.join(place, 'taken', 'empty.git'), 'utf8')).to.equal('a file');
  });

  it('ends with 1 where nothing came back, and with 4 where the vault is damaged', async () => {
    expect((await run('restore', scope, '--all', '--to', `${server.url}/nowhere`)).code).to.equal(1);
    const copy = await inProcess(
      () => main(['backup', 'git', `${server.url}/team/app.git`, '--vault', 'damaged']),
      place,
    );
    expect(copy.code).to.equal(0);
    const names = await readdir(path.join(place, 'damaged'), { recursive: true });
    const bundle = path.join(place, 'damaged', names.find((name) => name.endsWith('.bundle')) ?? '');
    const bytes = await readFile(bundle);
    bytes[bytes.length - 30]! ^= 1;
    await rm(bundle);
    await writeFile(bundle, bytes);
    const { code, stdout } = await run('restore', '--all', '--to', 'from-damaged', '--vault', 'damaged');
    expect(stdout, names.join(' ')).to.match(/failed .*app {2}Damaged/);
    expect(code).to.equal(4);
  });

  it('refuses what makes no sense, with what would', async () => {
    for (const [args, message] of [
      [['restore', '--to', 'x'], /needs an item/],
      [['restore', scope, '--all'], /needs --to/],
      [
        ['restore', scope, '--all', '--to', 'x', '--snapshot', '2026'],
        /--snapshot does not apply to a restore of everything/,
      ],
      [
        ['restore', scope, '--all', '--to', 'x', '--checkout'],
        /--checkout does not apply to a restore of everything into/,
      ],
      [['restore', scope, '--all', '--to', 'x.bundle'], /one bundle holds one repository/],
      [['restore', 'nothing', '--all', '--to', 'x'], /is not a source/],
      [['restore', 'git/elsewhere', '--all', '--to', 'x'], /holds nothing at or below git\/elsewhere/],
      [['restore', `${scope}x`, '--all', '--to', 'x'], new RegExp(`did you mean ${scope}\\?`)],
      [['restore', 'efs/home', '--all', '--to', 'x'], /--all does not apply to a file system/],
      [['restore', scope, '--all', '--to', 'x', '--at', '2026-02-30'], /must be a time/],
    ] as const) {
      const { code, stderr } = await run(...args);
      expect(stderr, args.join(' ')).to.match(message);
      expect(code, args.join(' ')).to.be.oneOf([1, 2]);
    }
  });
});
