import { expect } from 'chai';
import {
  addCommit,
  git,
  manyRefs,
  useTemporaryFolders,
  type RepositoryShape,
} from '../../../../support/repositories.ts';
import { refsUnder, useRestoreTargets } from './restore-target.ts';
import { expectNoScratch } from './scratch.ts';
import { addVersions, everything, life, StoredRepository } from './stored-repository.ts';

const nothingElse = { leftOut: [], refused: [], kept: [], said: [], defaultBranch: undefined };

describe('a restore to a server', () => {
  const folder = useTemporaryFolders();
  const newTarget = useRestoreTargets(folder);
  expectNoScratch();

  for (const way of ['HTTP', 'a folder'] as const) {
    it(`gives the refs of a chain with deleted and rewritten refs, over ${way}`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      for (const taken of await stored.chain(life)) {
        const target = await newTarget();
        const result = await target.restore(stored, taken, way === 'HTTP' ? {} : { target: target.local });
        await target.expectRefs(taken.source.refs);
        expect(result).to.deep.equal({ ...nothingElse, restored: [...taken.source.refs.keys()] });
      }
    });

    it(`of SHA-256 objects gives the refs, over ${way}`, async () => {
      const stored = await StoredRepository.create(await folder(), { ...everything, objectFormat: 'sha256' });
      const taken = (await stored.chain(life.slice(0, 2))).at(-1)!;
      const target = await newTarget({ shape: { objectFormat: 'sha256' } });
      await target.restore(stored, taken, way === 'HTTP' ? {} : { target: target.local });
      await target.expectRefs(taken.source.refs);
    });
  }

  it('gives all refs of a chain whose bundles list only those that have changed', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain([(path) => manyRefs(path, 1_500), ...life]);
    expect(chain.filter(({ manifest }) => manifest.git?.refsSince).length).to.be.greaterThan(2);
    const taken = chain.at(-1)!;
    const target = await newTarget();
    await target.restore(stored, taken, { target: target.local });
    await target.expectRefs(taken.source.refs);
  });

  for (const format of ['tar.gz', 'zip'] as const)
    it(`of a ${format} archive gives its refs`, async () => {
      const stored = await StoredRepository.create(await folder(), everything);
      const taken = await stored.take({ format });
      const target = await newTarget();
      const result = await target.restore(stored, taken);
      await target.expectRefs(taken.source.refs);
      expect(result).to.deep.equal({ ...nothingElse, restored: [...taken.source.refs.keys()] });
    });

  it('of an empty repository sends nothing', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 0 });
    const target = await newTarget();
    const result = await target.restore(stored, await stored.take());
    expect(result).to.deep.equal({ ...nothingElse, restored: [] });
    expect(target.pushes).to.deep.equal([]);
  });

  it('names the default branch where the server has another', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1, defaultBranch: 'trunk' });
    const target = await newTarget();
    const result = await target.restore(stored, await stored.take());
    expect(result.defaultBranch).to.equal('refs/heads/trunk');
    await git(target.path, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
    const again = await target.restore(stored, await stored.take());
    expect(again.defaultBranch).to.equal(undefined);
  });

  /** Steps after each of which none of the refs before is left, but for what the last one has. */
  const vanishing: [string, RepositoryShape, ((path: string) => Promise<unknown>)[]][] = [
    [
      'branches, the first of them the default one',
      { commits: 3, defaultBranch: 'master' },
      [
        async (path) => {
          await addCommit(path, { branch: 'second', from: 'refs/heads/master' });
          await git(path, 'update-ref', '-d', 'refs/heads/master');
        },
        async (path) => {
          await addCommit(path, { branch: 'third', from: 'refs/heads/second' });
          await git(path, 'update-ref', '-d', 'refs/heads/second');
        },
        async (path) => {
          await addCommit(path, { branch: 'main', from: 'refs/heads/third' });
          await git(path, 'update-ref', '-d', 'refs/heads/third');
        },
      ],
    ],
    [
      'a branch that stood where a folder of branches is now',
      { commits: 3, defaultBranch: 'feature' },
      [
        async (path) => {
          const tip = await addCommit(path, { branch: 'aside', from: 'refs/heads/feature' });
          await git(path, 'update-ref', '-d', 'refs/heads/feature');
          await git(path, 'update-ref', '-d', 'refs/heads/aside');
          await git(path, 'update-ref', 'refs/heads/feature/one', tip);
        },
        (path) => addCommit(path, { branch: 'feature/one' }),
      ],
    ],
    [
      'tags',
      { commits: 3 },
      [
        async (path) => {
          await git(path, 'tag', '-m', 'One', 'one', 'refs/heads/main');
          await git(path, 'update-ref', '-d', 'refs/heads/main');
        },
        async (path) => {
          const tip = await addCommit(path, { branch: 'passing', from: 'one' });
          await git(path, 'update-ref', '-d', 'refs/heads/passing');
          await git(path, 'tag', '-m', 'Two', 'two', tip);
          await git(path, 'tag', '-d', 'one');
        },
        async (path) => {
          const tip = await addCommit(path, { branch: 'passing', from: 'two' });
          await git(path, 'update-ref', '-d', 'refs/heads/passing');
          await git(path, 'tag', '-d', 'two');
          await git(path, 'update-ref', 'refs/notes/three', tip);
        },
      ],
    ],
  ];

  it('of a branch that came and went while all others stood still gives what was merged from it', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2, branches: ['aside'] });
    const chain = await stored.chain([
      (path) => addCommit(path, { branch: 'topic', from: 'refs/heads/main' }),
      async (path) => {
        await git(path, 'update-ref', 'refs/heads/main', 'refs/heads/topic');
        await git(path, 'update-ref', '-d', 'refs/heads/topic');
      },
    ]);
    const target = await newTarget();
    await target.restore(stored, chain.at(-1)!);
    await target.expectRefs(chain.at(-1)!.source.refs);
  });

  for (const [what, shape, steps] of vanishing)
    it(`of a chain whose early refs are all gone by the end gives what there is at the end: ${what}`, async () => {
      const stored = await StoredRepository.create(await folder(), shape);
      const taken = (await stored.chain(steps)).at(-1)!;
      expect(taken.manifest.chain).to.have.length(steps.length);
      // Of a bare repository whose HEAD is at the branch that vanished: such a branch cannot be removed.
      const target = await newTarget({ shape: { defaultBranch: shape.defaultBranch ?? 'main' } });
      const result = await target.restore(stored, taken);
      await target.expectRefs(taken.source.refs);
      expect(result).to.deep.include({ restored: [...taken.source.refs.keys()], refused: [], kept: [] });
    });

  it('of refs that only moved back gives them where they are now', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 4, branches: ['topic'] });
    const chain = await stored.chain([
      (path) => addVersions(path, 1),
      (path) => git(path, 'update-ref', 'refs/heads/topic', 'refs/heads/main~3'),
      (path) => git(path, 'branch', 'again', 'refs/heads/main'),
    ]);
    const target = await newTarget();
    await target.restore(stored, chain.at(-1)!);
    await target.expectRefs(chain.at(-1)!.source.refs);
  });

  for (const declared of [false, true])
    it(`leaves hidden refs out and restores what was merged from them, ${declared ? 'declared' : 'learned'}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 2, pulls: 1, tags: ['light'] });
      const taken = (
        await stored.chain([
          // Only a hidden ref moves, and only later it gets into a branch.
          async (path) => {
            const tip = await addCommit(path, { branch: 'away', from: 'refs/pull/1/head' });
            await git(path, 'update-ref', 'refs/pull/1/head', tip);
            await git(path, 'update-ref', '-d', 'refs/heads/away');
          },
          (path) => git(path, 'update-ref', 'refs/heads/main', 'refs/pull/1/head'),
          (path) => addCommit(path),
        ])
      ).at(-1)!;
      const target = await newTarget({ config: { 'receive.hideRefs': 'refs/pull' } });
      const result = await target.restore(stored, taken, declared ? { hidden: ['refs/pull/*'] } : {});
      const [pulls, others] = refsUnder('refs/pull/', taken.source.refs);
      expect(pulls.size).to.equal(2);
      await target.expectRefs(others);
      expect(result).to.deep.equal({ ...nothingElse, restored: [...others.keys()], leftOut: [...pulls.keys()] });
    });

  it('of nothing but hidden refs restores nothing, and says so', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2, pulls: 1 });
    await git(stored.path, 'update-ref', '-d', 'refs/heads/main');
    const taken = await stored.take();
    const target = await newTarget();
    const result = await target.restore(stored, taken, { hidden: ['refs/pull/*'] });
    expect(result).to.deep.include({ restored: [], leftOut: [...taken.source.refs.keys()], refused: [] });
    expect(target.pushes).to.deep.equal([]);
  });
});
