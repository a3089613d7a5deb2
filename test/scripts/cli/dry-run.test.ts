import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { inProcess } from '../../support/in-process.ts';
import { addCommit, createRepository, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast --dry-run', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  let server: GitServer;
  const run = (...args: string[]) => inProcess(() => main(args), place);
  const sent = (): number => server.requests.filter(({ kind }) => kind === 'receive-pack').length;

  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), { commits: 2, branches: ['dev'] });
    server = await startGitServer({ root: path.join(place, 'served') });
    await createRepository(path.join(place, 'served', 'empty.git'), { commits: 0 });
    await createRepository(path.join(place, 'served', 'other.git'), { commits: 3 });
  });
  after(() => server.close());

  it('of a first backup says what would be taken and why, and makes no vault', async () => {
    const { code, stdout } = await run('backup', 'git', repository, 'nowhere', '--dry-run');
    expect(stdout).to.match(/^would store {3}\S+app\.git {2}full, 2 refs, there is no earlier snapshot$/m);
    expect(stdout).to.match(/^would fail {4}\S+nowhere {2}SourceMissing: /m);
    expect(stdout).to.match(/^2 items listed: 1 to store, 0 unchanged, 0 skipped, 1 would fail; nothing was written$/m);
    expect(code).to.equal(3);
    expect(await readdir(place)).to.not.include('vault');
  });

  it('of a later backup says what is unchanged and what would be incremental, and writes nothing', async () => {
    await run('backup', 'git', repository);
    const before = (await readdir(path.join(place, 'vault'), { recursive: true })).sort();
    expect((await run('backup', 'git', repository, '--dry-run')).stdout).to.match(/^unchanged .*since 2/m);
    await addCommit(repository);
    expect((await run('backup', 'git', repository, '--dry-run')).stdout).to.match(/would store .*incremental, 2 refs/);
    const full = events((await run('backup', 'git', repository, '--full', '--dry-run', '--json')).stdout);
    expect(full[0]).to.include({ event: 'would-back-up', plan: 'full', why: 'a full snapshot was asked for' });
    expect((await readdir(path.join(place, 'vault'), { recursive: true })).sort()).to.deep.equal(before);
  });

  it('of a restore to an empty repository names the refs that would be made, and sends nothing', async () => {
    const { code, stdout } = await run('restore', repository, '--to', `${server.url}/empty.git`, '--dry-run');
    expect(stdout)
      .to.match(/^would make {3}refs\/heads\/main$/m)
      .and.to.match(/^nothing was sent$/m);
    expect(code).to.equal(0);
    expect((await refsOf(path.join(place, 'served', 'empty.git'))).refs.size).to.equal(0);
    expect(sent()).to.equal(0);
  });

  it('of a restore over something names what is in the way, and what consent would replace', async () => {
    const target = path.join(place, 'served', 'other.git');
    const { refs } = await refsOf(target);
    const args = ['restore', repository, '--to', `${server.url}/other.git`, '--dry-run'];
    const refused = await run(...args);
    expect(refused.stdout).to.match(/^in the way {3}refs\/heads\/main: --overwrite 'refs\/heads\/main' would/m);
    expect(refused.code).to.equal(1);
    const consented = await run(...args, '--overwrite', 'refs/heads/*');
    expect(consented.stdout).to.match(/^would replace refs\/heads\/main: [0-9a-f]{12} there, [0-9a-f]{12} in the/m);
    expect(consented.code).to.equal(0);
    expect((await refsOf(target)).refs).to.deep.equal(refs);
    expect(sent()).to.equal(0);
  });

  it('of a restore into a folder or a bundle makes neither, and refuses what the restore would refuse', async () => {
    const before = (await readdir(place)).sort();
    for (const to of ['new', 'new.bundle', './deep/er'])
      expect((await run('restore', repository, '--to', to, '--dry-run')).stdout).to.match(/would restore 2 refs to /);
    expect((await readdir(place)).sort()).to.deep.equal(before);
    const taken = await run('restore', repository, '--to', 'served', '--dry-run');
    expect(taken.stderr).to.match(/served is not empty/);
    expect(taken.code).to.equal(1);
  });

  it('of a copy names the refs that would be copied and refused, and sends nothing', async () => {
    const target = path.join(place, 'served', 'other.git');
    const { refs } = await refsOf(target);
    const { stdout, code } = await run('copy', repository, '--to', `${server.url}/other.git`, '--dry-run');
    expect(stdout)
      .to.match(/^would copy {2}refs\/heads\/dev$/m)
      .and.to.match(/^refused {2}refs\/heads\/main: /m);
    expect(stdout).to.match(/1 ref would be copied to .*nothing was sent/);
    expect(code).to.equal(3);
    expect((await refsOf(target)).refs).to.deep.equal(refs);
    expect(sent()).to.equal(0);
  });

  it('of a prune removes nothing', async () => {
    for (let backup = 0; backup < 2; backup++) await run('backup', 'git', repository, '--full');
    const before = (await readdir(path.join(place, 'vault'), { recursive: true })).sort();
    expect((await run('prune', '--keep-last', '1', '--dry-run')).stdout).to.match(/nothing was removed/);
    expect((await readdir(path.join(place, 'vault'), { recursive: true })).sort()).to.deep.equal(before);
  });
});
