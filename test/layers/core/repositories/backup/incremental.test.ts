import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { timeOf } from '#core/vault/snapshot-id.ts';
import { Backups, itemNamed, useHttp, type Taken } from '../../../../support/backups.ts';
import { startGitServer } from '../../../../support/git-server.ts';
import {
  addCommit,
  createRepository,
  git,
  gitWith,
  refsOf,
  useTemporaryFolders,
} from '../../../../support/repositories.ts';

describe('an incremental backup', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();

  async function set(
    shape: Parameters<typeof createRepository>[1] = { commits: 3, branches: ['topic'], annotatedTags: ['v1'] },
  ) {
    const path = await createRepository(join(await folder(), 'app.git'), shape);
    const backups = new Backups(await folder());
    const transport = new LocalTransport(path);
    // A chain of such small repositories would at once weigh more than what it builds on.
    const take = () => backups.take(transport, { options: { heaviestChain: 100 } });
    return { path, backups, transport, first: await take(), take };
  }

  for (const way of ['protocol 2', 'protocol 0', 'a local path'] as const)
    it(`stores only what is new, and the chain restores with plain git at every step, over ${way}`, async () => {
      const { path, backups } = await set();
      const server = await startGitServer({ root: dirname(path), protocol: way === 'protocol 0' ? 'v0' : 'v2' });
      const transport = way === 'a local path' ? new LocalTransport(path) : http(`${server.url}/app.git`);
      const item = itemNamed('another');
      const take = () => backups.take(transport, { item, options: { heaviestChain: 100 } });
      const steps = [
        () => addCommit(path),
        () => addCommit(path, { branch: 'brand-new' }),
        () => git(path, 'tag', '-m', 'Release', 'v2', 'main'),
        () => git(path, 'tag', 'light', 'main~1'),
        () => git(path, 'update-ref', '-d', 'refs/heads/topic'),
        () => git(path, 'tag', '-f', '-m', 'Release again', 'v1', 'main'),
        () => git(path, 'symbolic-ref', 'HEAD', 'refs/heads/brand-new'),
        () => git(path, 'update-ref', '--no-deref', 'HEAD', 'refs/heads/main~1'),
      ];
      try {
        let parent = await take();
        for (const step of steps) {
          await step();
          const taken = await take();
          expect(taken.manifest.kind).to.equal('incremental');
          expect(taken.manifest.git?.pack?.objects).to.be.lessThan(5);
          expect(taken.manifest.parent?.snapshot).to.equal(parent.manifest.snapshot);
          expect(taken.manifest.chain).to.deep.equal([...parent.manifest.chain, ...parent.manifest.data]);
          parent = taken;
          // What a step restores to, the last shows for all before it; two are looked at.
          if (step === steps[4] || step === steps.at(-1)) await backups.expectRestorable(taken, path);
        }
      } finally {
        await server.close();
      }
    });

  it('of a repository that has not changed writes one manifest and no data', async () => {
    const { backups, take, first } = await set();
    const before = await backups.files();
    const second = await take();
    const third = await take();
    for (const { manifest, outcome } of [second, third]) {
      expect(manifest).to.deep.include({ kind: 'unchanged', data: [], chain: first.manifest.data, warnings: [] });
      expect(manifest.git).not.to.have.any.keys('refs', 'pack', 'changes');
      // Of what changed last, not of the snapshot before: a row of these must not become a chain.
      expect(manifest.parent?.snapshot).to.equal(first.manifest.snapshot);
      expect(outcome).to.deep.include({ outcome: 'unchanged', since: first.manifest.snapshot });
    }
    const added = (await backups.files()).filter((file) => !before.includes(file));
    expect(added).to.have.length(2);
    for (const file of added) expect(file).to.match(/manifest\.json$/);
  });

  it('builds on the last change when unchanged snapshots lie between', async () => {
    const { path, backups, take, first } = await set();
    await take();
    await take();
    await addCommit(path);
    const taken = await take();
    expect(taken.manifest).to.deep.include({ kind: 'incremental', chain: first.manifest.data });
    await backups.expectRestorable(taken, path);
  });

  it('notes what became of the refs', async () => {
    const { path, take } = await set({ commits: 3, branches: ['topic', 'gone', 'old'], tags: ['light'] });
    await addCommit(path);
    await git(path, 'branch', 'new', 'topic');
    await git(path, 'update-ref', '-d', 'refs/heads/gone');
    await git(path, 'tag', '-f', 'light', 'main~2');
    expect((await take()).manifest.git?.changes).to.deep.equal({
      created: 1,
      moved: 2,
      deleted: ['refs/heads/gone'],
      rewritten: [],
    });
  });

  for (const gone of [true, false])
    it(`notes a rewritten branch; older snapshots restore its old commit, which the server ${gone ? 'has lost' : 'still has'}`, async () => {
      // A branch on the old commit keeps it from being lost.
      const { path, backups, take, first } = await set({ commits: 4, branches: gone ? [] : ['topic'] });
      const old = await git(path, 'rev-parse', 'main');
      await addCommit(path, { from: 'main~2', message: 'Another history' });
      if (!gone) await addCommit(path, { branch: 'topic' });
      await git(path, 'gc', '--quiet', '--prune=now');
      const taken = await take();
      expect(taken.manifest.kind).to.equal('incremental');
      expect(taken.manifest.git?.changes?.rewritten).to.deep.equal(['refs/heads/main']);
      expect(taken.outcome.warnings).to.have.length(1);
      expect(taken.outcome.warnings[0]).to.match(/history rewritten: refs\/heads\/main /);
      await backups.expectRestorable(taken, path);
      const before = await backups.restore(first, join(await folder(), 'before.git'));
      expect(await git(before, 'rev-parse', 'main')).to.equal(old);
      const now = await backups.restore(taken, join(await folder(), 'now.git'));
      await git(now, 'cat-file', '-e', old);
    });

  it('of branches that moved back to older commits holds an empty pack, which git fetches', async () => {
    for (const objectFormat of ['sha1', 'sha256'] as const) {
      const { path, backups, take } = await set({ commits: 4, branches: ['topic'], objectFormat });
      await git(path, 'update-ref', 'refs/heads/main', 'main~1');
      await git(path, 'update-ref', '-d', 'refs/heads/topic');
      // Only commits that a ref named are known to be held without asking.
      const asked = await take();
      await backups.expectRestorable(asked, path);
      await git(path, 'tag', 'again', 'main');
      const { manifest, content } = await take();
      expect(manifest.kind).to.equal('incremental');
      expect(manifest.git?.pack?.objects).to.equal(0);
      await backups.expectRestorable({ manifest, content } as Taken, path);
    }
  });

  it('of an emptied repository is an empty snapshot with a warning, and a full one once it is filled again', async () => {
    const { path, backups, take, first } = await set({ commits: 2 });
    const refs = (await refsOf(path)).refs;
    for (const name of refs.keys()) await git(path, 'update-ref', '-d', name);
    const emptied = await take();
    expect(emptied.manifest).to.deep.include({ kind: 'empty', data: [], chain: [] });
    expect(emptied.outcome.warnings.join()).to.include('empty now').and.to.include(first.manifest.snapshot);
    const still = await take();
    expect(still.outcome).to.deep.include({ outcome: 'unchanged', since: emptied.manifest.snapshot, warnings: [] });
    const before = await backups.restore(first, join(await folder(), 'before.git'));
    expect((await refsOf(before)).refs).to.deep.equal(refs);
    await addCommit(path);
    const filled = await take();
    expect(filled.manifest).to.deep.include({ kind: 'full', chain: [], warnings: [] });
    await backups.expectRestorable(filled, path);
  });

  it('needs only commits that are at hand, also when the snapshot before had none but a detached HEAD', async () => {
    const { path, backups, take } = await set({ commits: 3, head: 'detached' });
    await git(path, 'update-ref', '-d', 'refs/heads/main');
    await take();
    await gitWith({ cwd: path }, 'update-ref', '--no-deref', 'HEAD', 'HEAD~1');
    const taken = await take();
    expect(taken.manifest.kind).to.equal('incremental');
    expect(taken.manifest.git?.prerequisites).to.have.length(1);
    await backups.expectRestorable(taken, path);
  });

  it('taken twice under one snapshot id commits nothing new', async () => {
    const { path, backups, transport, take } = await set();
    await addCommit(path);
    const taken = await take();
    const files = await backups.files();
    const again = await backups.take(transport, { snapshot: taken.manifest.snapshot });
    expect(again.manifest).to.deep.equal(taken.manifest);
    expect(again.outcome).to.deep.equal(taken.outcome);
    expect(await backups.files()).to.deep.equal(files);
  });

  it('taken again under one snapshot id after the repository has changed is stored beside the first', async () => {
    const { path, backups, transport, take } = await set();
    const { manifest } = await take();
    await addCommit(path);
    const again = await backups.take(transport, { snapshot: manifest.snapshot });
    expect(timeOf(again.manifest.snapshot).getTime() - timeOf(manifest.snapshot).getTime()).to.equal(1);
    await backups.expectRestorable(again, path);
  });

  it('taken twice at the same time under one snapshot id leaves one whole snapshot', async () => {
    const { path, backups, transport } = await set();
    await addCommit(path);
    const snapshot = backups.nextSnapshot();
    const [one, other] = await Promise.all([
      backups.take(transport, { snapshot }),
      backups.take(transport, { snapshot }),
    ]);
    expect(one.manifest).to.deep.equal(other.manifest);
    await backups.expectRestorable(one, path);
    expect((await backups.files()).filter((file) => file.includes(snapshot))).to.have.length(2);
  });

  it('takes all refs but those that the selection leaves, and says which those are', async () => {
    const { path, backups, transport } = await set({ commits: 2, branches: ['keep', 'leave'], pulls: 1 });
    const options = { refs: { include: [], exclude: ['refs/pull/*', 'refs/heads/leave', 'refs/heads/main'] } };
    const item = itemNamed('selected');
    const taken = await backups.take(transport, { item, options });
    expect(Object.keys(taken.manifest.git?.refs ?? {})).to.deep.equal(['refs/heads/keep']);
    expect(taken.manifest.omitted.map(({ what }) => what)).to.deep.equal([
      'refs/heads/leave',
      'refs/heads/main',
      'refs/pull/1/head',
      'refs/pull/1/merge',
    ]);
    const restored = await backups.restore(taken, join(await folder(), 'restored.git'));
    expect([...(await refsOf(restored)).refs.keys()]).to.deep.equal(['refs/heads/keep']);
    // HEAD's branch was left out, so the bundle must not promise its commit.
    await git(
      '.',
      'clone',
      '--quiet',
      '--mirror',
      backups.bundles(taken.manifest)[0]!,
      join(await folder(), 'clone.git'),
    );
    await addCommit(path, { branch: 'leave' });
    expect((await backups.take(transport, { item, options })).outcome.outcome).to.equal('unchanged');
  });
});
