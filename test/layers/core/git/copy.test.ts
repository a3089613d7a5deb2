import { expect } from 'chai';
import { join } from 'node:path';
import { copyRepository, type Copied, type CopyRequest } from '#core/git/copy.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { allRefs } from '#core/git/refs.ts';
import { useHttp } from '../../../support/backups.ts';
import { startGitServer, type GitServer } from '../../../support/git-server.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';

describe('a copy of one repository into another', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();
  let root: string;
  let server: GitServer;

  beforeEach(async () => {
    root = await folder();
    server = await startGitServer({ root });
    await createRepository(join(root, 'from.git'), { commits: 4, branches: ['dev'], annotatedTags: ['v1'], pulls: 1 });
    await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', join(root, 'to.git'));
  });
  afterEach(() => server.close());

  function copy(more: Partial<CopyRequest> = {}): Promise<Copied> {
    return copyRepository({
      from: http(`${server.url}/from.git`),
      to: http(`${server.url}/to.git`),
      refs: allRefs,
      force: [],
      hidden: [],
      needsLength: false,
      ...more,
    });
  }

  async function expectSame(): Promise<void> {
    expect((await refsOf(join(root, 'to.git'))).refs).to.deep.equal((await refsOf(join(root, 'from.git'))).refs);
    await git(join(root, 'to.git'), 'fsck', '--strict');
  }

  for (const needsLength of [false, true])
    it(`brings all refs, then only what is new${needsLength ? ', to a server that must know its length' : ''}`, async () => {
      expect((await copy({ needsLength })).copied).to.have.length(5);
      await expectSame();
      const pushes = () => server.requests.splice(0).filter(({ kind }) => kind === 'receive-pack');
      const [first] = pushes();
      expect(first?.headers['content-length'] !== undefined).to.equal(needsLength);
      expect((await copy({ needsLength })).unchanged).to.have.length(5);
      expect(pushes()).to.deep.equal([]);
      await addCommit(join(root, 'from.git'));
      expect((await copy({ needsLength })).copied).to.deep.equal(['refs/heads/main']);
      await expectSame();
      expect(pushes()[0]?.bodyBytes).to.be.below(first?.bodyBytes ?? 0);
    });

  it('works between folders, and moves refs without a pack where nothing is new', async () => {
    const [from, to] = ['from.git', 'to.git'].map((name) => new LocalTransport(join(root, name)));
    await copy({ from: from!, to: to! });
    await git(join(root, 'from.git'), 'branch', 'same', 'main');
    expect((await copy({ from: from!, to: to! })).copied).to.deep.equal(['refs/heads/same']);
    await expectSame();
  });

  it('refuses what would not move forward, unless it is told', async () => {
    await copy();
    await addCommit(join(root, 'to.git'), { branch: 'dev', message: 'Made at the target' });
    const before = (await refsOf(join(root, 'to.git'))).refs.get('refs/heads/dev');
    await git(join(root, 'from.git'), 'tag', '--force', 'v1', 'main');
    const refused = await copy();
    expect(refused.refused.map(({ name }) => name)).to.deep.equal(['refs/heads/dev', 'refs/tags/v1']);
    expect((await refsOf(join(root, 'to.git'))).refs.get('refs/heads/dev')).to.equal(before);
    const forced = await copy({ force: ['refs/*'] });
    expect(forced.refused).to.deep.equal([]);
    await expectSame();
  });

  it('removes nothing at the target, and leaves out what nobody may write there', async () => {
    await createRepository(join(root, 'other.git'), { commits: 1, seed: 'other' });
    await git(join(root, 'to.git'), 'fetch', '--quiet', join(root, 'other.git'), 'main:refs/heads/theirs');
    const { kept, copied } = await copy({ hidden: ['refs/pull/*'] });
    expect(kept).to.deep.equal(['refs/heads/theirs']);
    expect(copied.some((name) => name.startsWith('refs/pull/'))).to.equal(false);
  });

  it('changes as many refs in one push as the server allows', async () => {
    for (let at = 0; at < 10; at++) await git(join(root, 'from.git'), 'branch', `b${at}`, 'main');
    expect((await copy({ refsPerPush: 3 })).refused).to.deep.equal([]);
    await expectSame();
    expect(server.requests.filter(({ kind }) => kind === 'receive-pack')).to.have.length(5);
  });
});
