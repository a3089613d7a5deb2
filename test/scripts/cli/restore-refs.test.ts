import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { inProcess } from '../../support/in-process.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast restore --refs', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  let server: GitServer;
  const run = (...args: string[]) => inProcess(() => main(args), place);
  const restore = (to: string, ...args: string[]) => run('restore', repository, '--to', to, ...args);
  const namesIn = async (target: string) => [...(await refsOf(target)).refs.keys()].sort();

  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), { commits: 2, branches: ['dev'], pulls: 1 });
    await run('backup', 'git', repository);
    await addCommit(repository, { branch: 'dev' });
    await run('backup', 'git', repository);
    server = await startGitServer({ root: path.join(place, 'served') });
    await createRepository(path.join(place, 'served', 'new.git'), { commits: 0 });
  });
  after(() => server.close());

  it('brings back only these, into a folder', async () => {
    const { code, stdout } = await restore('some.git', '--refs', '!refs/pull/*');
    expect(stdout).to.match(/^2 refs left out by --refs$/m);
    expect(code).to.equal(0);
    expect(await namesIn(path.join(place, 'some.git'))).to.deep.equal(['refs/heads/dev', 'refs/heads/main']);
    await git(path.join(place, 'some.git'), 'fsck', '--strict');
  });

  it('checks out nothing where the branch of HEAD is not among them', async () => {
    expect((await restore('tree', '--checkout', '--refs', 'refs/heads/dev')).code).to.equal(0);
    expect(await namesIn(path.join(place, 'tree'))).to.deep.equal(['refs/heads/dev']);
    expect(await readdir(path.join(place, 'tree'))).to.deep.equal(['.git']);
  });

  it('brings them back out of an archive, whose other refs are still compared', async () => {
    await run('backup', 'git', repository, '--vault', 'archives', '--format', 'tar.gz');
    const { code } = await restore('unpacked.git', '--vault', 'archives', '--refs', 'refs/heads/*');
    expect(code).to.equal(0);
    expect(await namesIn(path.join(place, 'unpacked.git'))).to.deep.equal(['refs/heads/dev', 'refs/heads/main']);
  });

  it('sends a server only these, says so before, and has nothing to do when it is asked again', async () => {
    const to = `${server.url}/new.git`;
    const planned = await restore(to, '--refs', 'refs/heads/*', '--dry-run');
    expect(planned.stdout.match(/^would make .*$/gm)).to.deep.equal([
      'would make   refs/heads/dev',
      'would make   refs/heads/main',
    ]);
    for (let time = 0; time < 2; time++) expect((await restore(to, '--refs', 'refs/heads/*')).code).to.equal(0);
    const target = path.join(place, 'served', 'new.git');
    expect(await namesIn(target)).to.deep.equal(['refs/heads/dev', 'refs/heads/main']);
    expect((await refsOf(target)).refs.get('refs/heads/dev')).to.equal(
      (await refsOf(repository)).refs.get('refs/heads/dev'),
    );
  });

  it('is refused where it takes nothing, and for a bundle, which holds everything', async () => {
    for (const [to, pattern, problem] of [
      ['none.git', 'refs/notes/*', /none of the snapshot's 4 refs is selected/],
      ['none.git', 'main', /--refs main can match no ref/],
      ['some.bundle', 'refs/heads/*', /--refs .*bundle/],
    ] as const) {
      const { code, stderr } = await restore(to, '--refs', pattern);
      expect(stderr).to.match(problem);
      expect(code).to.equal(2);
    }
  });
});
