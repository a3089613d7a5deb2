import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Indexer } from '#core/git/pack-index.ts';
import { packFolder } from '#core/repositories/backup/archive-pack.ts';
import { buildMirror } from '#core/repositories/restore/build-mirror.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { createRepository, git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { craft } from './crafted.ts';
import { deltasIn } from './pack-entries.ts';
import { addVersions, everything, expectSame, life, StoredRepository, type Stored } from './stored-repository.ts';

const indexers: readonly Indexer[] = ['native', 'javascript'];

describe('a restore to a folder', () => {
  const folder = useTemporaryFolders();

  async function restored(stored: StoredRepository, taken: Stored, indexer: Indexer): Promise<string> {
    const target = join(await folder(), 'deep', 'restored.git');
    const content = await stored.content(taken);
    await restoreToFolder(stored.vault, content, { target, checkout: false, indexer });
    return target;
  }

  for (const indexer of indexers) {
    it(`gives back every kind of ref and HEAD, indexed by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      const tree = await git(stored.path, 'rev-parse', 'refs/heads/main^{tree}');
      await git(stored.path, 'tag', '-m', 'Of a tag', 'nested', 'v1');
      await git(stored.path, 'tag', '-m', 'Of a tree', 'tree', tree);
      await git(stored.path, 'update-ref', 'refs/blobs/number', 'refs/heads/main:number.txt');
      const taken = await stored.take();
      expect(taken.source.refs.size).to.equal(14);
      await expectSame(await restored(stored, taken, indexer), taken.source);
    });

    for (const head of ['detached', 'unborn'] as const)
      it(`gives back a HEAD that is ${head}, indexed by ${indexer}`, async () => {
        const stored = await StoredRepository.create(await folder(), { commits: 2, head });
        const taken = await stored.take();
        await expectSame(await restored(stored, taken, indexer), taken.source);
      });

    it(`of an empty repository gives an empty repository with the same unborn branch, indexed by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 0, defaultBranch: 'trunk' });
      const taken = await stored.take();
      expect(taken.manifest.kind).to.equal('empty');
      expect(taken.source.head).to.deep.equal({ symref: 'refs/heads/trunk' });
      await expectSame(await restored(stored, taken, indexer), taken.source);
    });

    for (const offsetDeltas of [true, false])
      it(`of a chain gives each of its states, deltas by ${offsetDeltas ? 'offset' : 'id'}, indexed by ${indexer}`, async () => {
        const stored = await StoredRepository.create(await folder(), everything);
        await addVersions(stored.path, 1, 2, 3, 4);
        const chain = await stored.chain(life, { offsetDeltas });
        const [first = '', second = ''] = stored.backups.bundles(chain.at(-1)!.manifest);
        for (const bundle of [first, second]) {
          const { byOffset, byId } = await deltasIn(bundle);
          expect(offsetDeltas ? byOffset : byId).to.be.above(0);
          expect(offsetDeltas ? byId : byOffset).to.equal(0);
        }
        const unchanged = await stored.take();
        expect(new Set(chain.slice(1).map(({ manifest }) => manifest.kind))).to.have.all.keys('incremental');
        expect(chain.map(({ manifest }) => manifest.git?.pack?.objects)).to.include(0);
        expect(unchanged.manifest.kind).to.equal('unchanged');
        for (const taken of [chain[0], chain[2]!, chain.at(-1)!, unchanged])
          await expectSame(await restored(stored, taken, indexer), taken.source);
      });

    for (const format of ['tar.gz', 'zip'] as const)
      it(`of a ${format} archive gives the repository, indexed by ${indexer}`, async () => {
        const stored = await StoredRepository.create(await folder(), { ...everything, head: 'detached' });
        const taken = await stored.take({ format });
        const target = await restored(stored, taken, indexer);
        await expectSame(target, taken.source);
      });
  }

  it('gives back a repository of SHA-256 objects, full and from a chain', async () => {
    const stored = await StoredRepository.create(await folder(), { ...everything, objectFormat: 'sha256' });
    for (const taken of await stored.chain(life.slice(0, 2))) {
      const target = await restored(stored, taken, 'native');
      expect(await git(target, 'rev-parse', '--show-object-format')).to.equal('sha256');
      await expectSame(target, taken.source);
    }
    const archived = await stored.take({ format: 'zip' });
    await expectSame(await restored(stored, archived, 'native'), archived.source);
    const failure = await failureOf(restored(stored, archived, 'javascript'));
    expect(failure.code).to.equal('ToolMissing');
  });

  it('tells the bytes read so far, of the whole chain', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const last = (await stored.chain(life)).at(-1)!;
    const content = await stored.content(last);
    const told: number[] = [];
    await restoreToFolder(stored.vault, content, {
      target: join(await folder(), 'restored'),
      checkout: false,
      indexer: 'native',
      onProgress: (bytes) => told.push(bytes),
    });
    expect(told).to.deep.equal(told.toSorted((a, b) => a - b));
    const packs = [...last.manifest.chain, ...last.manifest.data].length;
    expect(told.length).to.be.at.least(packs);
    const stages = await Promise.all(
      stored.backups.bundles(last.manifest).map(async (file) => {
        const bundle = await readFile(file);
        return bundle.length - (bundle.indexOf('\n\n') + 2);
      }),
    );
    expect(told.at(-1)).to.equal(stages.reduce((sum, bytes) => sum + bytes, 0));
  });
});

describe('a restore with a working tree', () => {
  const folder = useTemporaryFolders();

  async function checkedOut(stored: StoredRepository, taken: Stored, indexer: Indexer): Promise<string> {
    const target = join(await folder(), 'restored');
    await restoreToFolder(stored.vault, await stored.content(taken), { target, checkout: true, indexer });
    return target;
  }

  /** A commit on main with an executable, a link, a file in a folder, and a name that is not ASCII. */
  async function addModes(path: string): Promise<void> {
    const blob = await gitWith({ cwd: path, input: '#!/bin/sh\n' }, 'hash-object', '-w', '--stdin');
    const link = await gitWith({ cwd: path, input: 'run.sh' }, 'hash-object', '-w', '--stdin');
    const inner = await gitWith({ cwd: path, input: `100644 blob ${blob}\tgrüße.txt\n` }, 'mktree');
    const input = `100755 blob ${blob}\trun.sh\n120000 blob ${link}\tlink\n040000 tree ${inner}\tfolder\n`;
    const tree = await gitWith({ cwd: path, input }, 'mktree');
    const commit = await git(path, 'commit-tree', '-p', 'refs/heads/main', '-m', 'Modes', tree);
    await git(path, 'update-ref', 'refs/heads/main', commit);
  }

  for (const indexer of indexers) {
    it(`is clean and holds HEAD's files, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      await addModes(stored.path);
      // A tag that is called like the branch must not be taken for it.
      await git(stored.path, 'update-ref', 'refs/tags/main', 'refs/heads/topic/a');
      const taken = await stored.take();
      const target = await checkedOut(stored, taken, indexer);
      await expectSame(target, taken.source);
      expect(await git(target, 'status', '--porcelain', '--ignored')).to.equal('');
      expect(await git(target, 'ls-files', '--stage')).to.equal(
        await git(stored.path, 'ls-tree', '-r', '--format=%(objectmode) %(objectname) 0%x09%(path)', 'refs/heads/main'),
      );
      expect(await readFile(join(target, 'link'), 'utf8')).to.equal('#!/bin/sh\n');
      expect(await readFile(join(target, 'folder', 'grüße.txt'), 'utf8')).to.equal('#!/bin/sh\n');
    });

    it(`stands at a detached HEAD, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 3, head: 'detached' });
      await gitWith({ cwd: stored.path }, 'update-ref', '--no-deref', 'HEAD', 'main~1');
      const taken = await stored.take();
      const target = await checkedOut(stored, taken, indexer);
      await expectSame(target, taken.source);
      expect(await git(target, 'status', '--porcelain')).to.equal('');
      expect(await readFile(join(target, 'number.txt'), 'utf8')).to.equal('2\n');
    });

    it(`is empty where HEAD has no commit, by ${indexer}`, async () => {
      for (const commits of [0, 2]) {
        const stored = await StoredRepository.create(await folder(), { commits, head: 'unborn' });
        const taken = await stored.take();
        const target = await checkedOut(stored, taken, indexer);
        await expectSame(target, taken.source);
        expect(await git(target, 'status', '--porcelain')).to.equal('');
      }
    });

    it(`comes out of an archive, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      const taken = await stored.take({ format: 'tar.gz' });
      const target = await checkedOut(stored, taken, indexer);
      await expectSame(target, taken.source);
      expect(await git(target, 'status', '--porcelain')).to.equal('');
    });
  }

  it('runs nothing that the configuration in an archive names', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    const taken = await stored.take({ format: 'tar.gz' });
    const place = await folder();
    const mirror = join(place, 'repository.git');
    await buildMirror(stored.vault, await stored.content(taken), mirror, { indexer: 'native' });
    const ours = await readFile(join(mirror, 'config'), 'utf8');
    const ran = join(place, 'ran');
    await writeFile(join(mirror, 'config'), `${ours}[core]\n\tfsmonitor = touch ${ran}; false\n`);
    const chunks: Buffer[] = [];
    await packFolder(mirror, 'tar.gz', (chunk) => Promise.resolve(void chunks.push(Buffer.from(chunk))));
    const { vault, catalogue, prefix, snapshot } = craft(stored, taken, { data: Buffer.concat(chunks) });
    const target = join(place, 'restored');
    const content = await repositoryContent(catalogue, prefix, snapshot);
    await restoreToFolder(vault, content, { target, checkout: true, indexer: 'native' });
    expect(await readdir(place)).not.to.include('ran');
    expect(await readFile(join(target, '.git', 'config'), 'utf8')).to.equal(
      ours.replace('bare = true', 'bare = false'),
    );
    await expectSame(target, taken.source);
  });

  it('leaves submodules alone, whatever the configuration of the user', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const other = await createRepository(join(await folder(), 'other.git'), { seed: 'other' });
    const commit = await git(other, 'rev-parse', 'main');
    const modules = await gitWith(
      { cwd: stored.path, input: `[submodule "module"]\n\tpath = module\n\turl = ${other}\n` },
      ...['hash-object', '-w', '--stdin'],
    );
    const input = `100644 blob ${modules}\t.gitmodules\n160000 commit ${commit}\tmodule\n`;
    const tree = await gitWith({ cwd: stored.path, input }, 'mktree', '--missing');
    const tip = await git(stored.path, 'commit-tree', '-p', 'main', '-m', 'Module', tree);
    await git(stored.path, 'update-ref', 'refs/heads/main', tip);
    const taken = await stored.take();
    const settings = join(await folder(), 'gitconfig');
    await writeFile(settings, '[submodule]\n\trecurse = true\n\tactive = .\n');
    const usual = process.env['GIT_CONFIG_GLOBAL'];
    process.env['GIT_CONFIG_GLOBAL'] = settings;
    try {
      for (const indexer of indexers) {
        const target = await checkedOut(stored, taken, indexer);
        await expectSame(target, taken.source);
        expect(await git(target, 'ls-files', '--stage')).to.match(/^160000 /m);
        expect(await git(target, 'status', '--porcelain')).to.equal('');
      }
    } finally {
      if (usual === undefined) delete process.env['GIT_CONFIG_GLOBAL'];
      else process.env['GIT_CONFIG_GLOBAL'] = usual;
    }
  });
});
