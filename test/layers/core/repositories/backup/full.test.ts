import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { Backups, useHttp } from '../../../../support/backups.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { addCommit, createRepository, git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';

/** Kinds of repositories, each made at a path. */
const kinds: Record<string, (path: string) => Promise<unknown>> = {
  'with branches, tags, notes and pull refs': (path) =>
    createRepository(path, {
      commits: 5,
      branches: ['topic', 'feature/deep/name', 'größe-日本'],
      tags: ['light'],
      annotatedTags: ['v1', 'v2'],
      notes: true,
      pulls: 3,
    }),
  'with a detached HEAD': async (path) => {
    await createRepository(path, { commits: 3, branches: ['topic'], head: 'detached' });
    // At a commit that no ref names.
    await git(path, 'update-ref', '--no-deref', 'HEAD', 'refs/heads/topic');
    await git(path, 'update-ref', '-d', 'refs/heads/topic');
  },
  'whose HEAD is unborn while other branches exist': (path) =>
    createRepository(path, { branches: ['topic'], head: 'unborn' }),
  'with SHA-256 objects': (path) =>
    createRepository(path, { commits: 3, branches: ['topic'], annotatedTags: ['v1'], objectFormat: 'sha256' }),
  'whose HEAD is one of several branches at one commit': async (path) => {
    await createRepository(path, { commits: 2 });
    for (const name of ['aaa', 'develop', 'zzz']) await git(path, 'branch', name, 'main');
    await git(path, 'symbolic-ref', 'HEAD', 'refs/heads/develop');
  },
  'with tags of blobs, of trees and of tags': async (path) => {
    await createRepository(path, { commits: 2 });
    const blob = await gitWith({ cwd: path, input: 'not in any commit' }, 'hash-object', '-w', '--stdin');
    await git(path, 'tag', 'light-blob', blob);
    await git(path, 'tag', '-m', 'blob', 'blob', blob);
    await git(path, 'tag', '-m', 'tree', 'tree', 'main^{tree}');
    await git(path, 'tag', '-m', 'nested', 'nested', 'tree');
  },
  'with nothing but tags': async (path) => {
    await createRepository(path, { commits: 2, tags: ['light'], annotatedTags: ['v1'] });
    await git(path, 'update-ref', '-d', 'refs/heads/main');
  },
  'with several roots and merges of them': async (path) => {
    await createRepository(path, { commits: 2, pulls: 1 });
    const root = await git(path, 'commit-tree', '-m', 'Another root', 'main^{tree}');
    await git(
      path,
      'branch',
      'merged',
      await git(path, 'commit-tree', '-m', 'Merge', '-p', 'main', '-p', root, 'main^{tree}'),
    );
  },
};

describe('a full backup', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();
  const servers: GitServer[] = [];
  let root: string;
  let names: Map<string, string>;
  let ways: Record<string, (name: string) => Transport>;

  before(async () => {
    root = await folder();
    names = new Map(Object.keys(kinds).map((kind, index) => [kind, `${index}.git`]));
    await Promise.all(Object.entries(kinds).map(([kind, make]) => make(join(root, names.get(kind)!))));
    const [v2, v0] = [await startGitServer({ root }), await startGitServer({ root, protocol: 'v0' })];
    servers.push(v2, v0);
    ways = {
      'protocol 2': (name) => http(`${v2.url}/${name}`),
      'protocol 0': (name) => http(`${v0.url}/${name}/`),
      'a local path': (name) => new LocalTransport(join(root, name)),
    };
  });

  after(() => Promise.all(servers.map((server) => server.close())));

  for (const way of ['protocol 2', 'protocol 0', 'a local path'])
    describe(`over ${way}`, () => {
      for (const kind of Object.keys(kinds))
        it(`stores a bundle that plain git restores: a repository ${kind}`, async () => {
          const name = names.get(kind)!;
          const backups = new Backups(await folder());
          const taken = await backups.take(ways[way]!(name));
          expect(taken.manifest).to.include({ kind: 'full' }).and.not.to.have.property('parent');
          expect(taken.manifest).to.deep.include({ chain: [], warnings: [], omitted: [] });
          expect(taken.outcome).to.include({ outcome: 'stored', bytes: taken.manifest.data[0]!.bytes });
          await backups.expectRestorable(taken, join(root, name));
          expect(await backups.files()).to.have.length(3); // index, bundle, manifest
        });

      it('stores an empty repository as an empty snapshot, with where HEAD will be', async () => {
        const path = join(await folder(), 'empty.git');
        await createRepository(path, { commits: 0, defaultBranch: 'trunk' });
        const server = await startGitServer({ root: join(path, '..'), protocol: way === 'protocol 0' ? 'v0' : 'v2' });
        servers.push(server);
        const transport = way === 'a local path' ? new LocalTransport(path) : http(`${server.url}/empty.git`);
        const backups = new Backups(await folder());
        const { manifest, outcome } = await backups.take(transport);
        expect(manifest).to.deep.include({ kind: 'empty', data: [], chain: [], warnings: [] });
        expect(outcome).to.include({ outcome: 'stored', kind: 'empty', bytes: 0, refs: 0 });
        // Protocol 0 has no words for it.
        expect(manifest.git?.head).to.deep.equal(
          way === 'protocol 0' ? { type: 'absent' } : { type: 'unborn', ref: 'refs/heads/trunk' },
        );
        expect((await backups.take(transport)).outcome.outcome).to.equal('unchanged');
        await addCommit(path, { branch: 'trunk' });
        const filled = await backups.take(transport);
        expect(filled.manifest.kind).to.equal('full');
        await backups.expectRestorable(filled, path);
      });
    });
});
