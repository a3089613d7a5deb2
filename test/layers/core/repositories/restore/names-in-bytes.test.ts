/** Refs whose names are not UTF-8, which git allows: kept, and given back byte by byte. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { HttpTransport } from '#core/git/http-transport.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { restoreToBundle } from '#core/repositories/restore/restore-bundle.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { restoreToServer } from '#core/repositories/restore/restore-server.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { addCommit, createRepository, git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';
import { StoredRepository, type Stored } from './stored-repository.ts';

const names = ['refs/heads/caf\xe9', 'refs/heads/z\xff', 'refs/tags/\xfcbung'];
const written = ['refs/heads/caf\\xe9', 'refs/heads/z\\xff', 'refs/tags/\\xfcbung'];

describe('refs whose names are not UTF-8', () => {
  const folder = useTemporaryFolders();
  const servers: GitServer[] = [];
  let stored: StoredRepository;
  let chain: [Stored, ...Stored[]];

  before(async () => {
    stored = await StoredRepository.create(await folder(), { commits: 3, branches: ['é', 'zz'] });
    await git(stored.path, 'pack-refs', '--all');
    const lines = names.map((name, index) => ['update', name, `refs/heads/main~${index % 3}`].join(' '));
    await gitWith({ cwd: stored.path, input: Buffer.from(`${lines.join('\n')}\n`, 'latin1') }, 'update-ref', '--stdin');
    await writeFile(join(stored.path, 'HEAD'), Buffer.from(`ref: ${names[0] ?? ''}\n`, 'latin1'));
    chain = await stored.chain([(path) => addCommit(path)]);
  });

  after(() => Promise.all(servers.map((server) => server.close())));

  /** Refs and HEAD as git lists them, byte by byte. */
  async function listed(path: string): Promise<string> {
    const output = join(await folder(), 'refs');
    await gitWith(
      { cwd: path },
      ...['-c', `alias.list=!git for-each-ref --format="%(objectname) %(refname)" > ${output}`, 'list'],
    );
    const head = await readFile(join(path, 'HEAD'), 'latin1');
    return `${head}${await readFile(output, 'latin1')}`;
  }

  it('are written in the manifest so that no two look alike, and nothing is left out', () => {
    for (const { manifest } of chain) {
      expect(Object.keys(manifest.git?.refs ?? {})).to.include.members(written);
      expect(manifest.omitted).to.deep.equal([]);
      expect(manifest.git?.head).to.include({ type: 'branch', ref: written[0] });
    }
  });

  for (const indexer of ['native', 'javascript'] as const)
    it(`come back into a folder, and a drill finds them, by ${indexer}`, async () => {
      for (const [index, taken] of chain.entries()) {
        const { prefix, snapshot } = taken.outcome;
        const drilled = await drillSnapshot(stored.vault, stored.catalogue, prefix, snapshot, { indexer });
        expect(drilled.problems).to.deep.equal([]);
        const target = join(await folder(), 'restored');
        await restoreToFolder(stored.vault, await stored.content(taken), { target, checkout: false, indexer });
        await git(target, 'fsck', '--strict');
        if (index === chain.length - 1) expect(await listed(target)).to.equal(await listed(stored.path));
        const tree = join(await folder(), 'tree');
        await restoreToFolder(stored.vault, await stored.content(taken), { target: tree, checkout: true, indexer });
        expect(await readFile(join(tree, '.git', 'HEAD'), 'latin1')).to.equal(`ref: ${names[0] ?? ''}\n`);
        expect(await git(tree, 'status', '--porcelain')).to.equal('');
      }
    });

  it('come back in one bundle of a chain, and by hand from the bundles', async () => {
    const last = chain.at(-1) ?? chain[0];
    const bundle = join(await folder(), 'all.bundle');
    await restoreToBundle(stored.vault, await stored.content(last), bundle);
    const clone = join(await folder(), 'clone.git');
    await git('.', 'clone', '--quiet', '--mirror', bundle, clone);
    const refs = async (path: string): Promise<string> => (await listed(path)).replace(/^.*\n/, '');
    expect(await refs(clone)).to.equal(await refs(stored.path));
  });

  for (const way of ['a server', 'a folder'])
    it(`come back onto ${way}`, async () => {
      const root = await folder();
      const path = await createRepository(join(root, 'target.git'), { commits: 0 });
      const server = await startGitServer({ root });
      servers.push(server);
      const target =
        way === 'a folder'
          ? new LocalTransport(path)
          : new HttpTransport(new URL(`${server.url}/target.git`), new HttpClient());
      const content = await stored.content(chain.at(-1) ?? chain[0]);
      const restored = await restoreToServer(stored.vault, content, { target, overwrite: [], hidden: [] });
      expect(restored.refused).to.deep.equal([]);
      expect(restored.restored).to.include.members(written);
    });
});
