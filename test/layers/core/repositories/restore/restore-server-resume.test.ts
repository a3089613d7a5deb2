import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import { startFaultyConnection } from '../../../../support/faulty-connection.ts';
import { cutBody } from '../../../../support/git-faults.ts';
import { addCommit, git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { useRestoreTargets, type RestoreTarget } from './restore-target.ts';
import { addBulk, bulky, StoredRepository, type Stored } from './stored-repository.ts';

describe('an interrupted restore to a server', () => {
  const folder = useTemporaryFolders();
  const newTarget = useRestoreTargets(folder);
  let stored: StoredRepository;
  let taken: Stored;
  /** Bytes of each stored bundle, about those of the push that brings it. */
  let sizes: number[];

  before(async () => {
    stored = await StoredRepository.create(await folder(), bulky(3));
    const chain = await stored.chain([
      addBulk('second', 2),
      async (path) => {
        await addBulk('third', 4)(path);
        await git(path, 'update-ref', '-d', 'refs/heads/topic');
      },
    ]);
    taken = chain.at(-1)!;
    sizes = [...taken.manifest.chain, ...taken.manifest.data].map(({ bytes }) => bytes);
  });

  /** The stages that were sent, whole or in part, by the size of their packs; the marker's removal apart. */
  function stagesSent(target: RestoreTarget): number[] {
    return target.pushes
      .filter((bytes) => bytes > 1000)
      .map((bytes) => sizes.findIndex((size) => Math.abs(size - bytes) < 2000));
  }

  /** Stops when the stage of this number has begun to be sent. */
  async function stopInStage(target: RestoreTarget, number: number): Promise<void> {
    const controller = new AbortController();
    const before = sizes.slice(0, number).reduce((sum, size) => sum + size, 0);
    const onProgress = (bytes: number): void => {
      if (bytes > before) controller.abort(new HoldfastError('Interrupted', 'stopped by a test'));
    };
    const failure = await failureOf(target.restore(stored, taken, { signal: controller.signal, onProgress }));
    expect(failure.code).to.equal('Interrupted');
  }

  for (const number of [0, 1, 2])
    it(`in stage ${number + 1} of 3 sends none of the stages before again`, async () => {
      const target = await newTarget();
      await stopInStage(target, number);
      expect((await target.refs()).size).to.equal(number === 0 ? 0 : 2);
      target.server.requests.length = 0;
      const result = await target.restore(stored, taken);
      expect(stagesSent(target)).to.deep.equal([0, 1, 2].slice(number));
      expect(result).to.deep.include({ refused: [], kept: [], leftOut: [] });
      await target.expectRefs(taken.source.refs);
    });

  it('shows that it is not complete by a tag, which the end of it removes', async () => {
    const target = await newTarget();
    await stopInStage(target, 2);
    const names = [...(await target.refs()).keys()];
    expect(names).to.have.length(2);
    expect(names[1]).to.match(/^refs\/tags\/holdfast-restore-[0-9a-f]{12}$/);
    await target.restore(stored, taken);
    expect([...(await target.refs()).keys()]).to.deep.equal(['refs/heads/main']);
  });

  it('whose connection broke in the middle of a pack goes on where it was', async () => {
    const target = await newTarget();
    const connection = await startFaultyConnection(target.server.port);
    try {
      const way = target.transport(connection.url);
      // It breaks in the first pack; then, after that one, in the second; then, after that one, in the third.
      for (const [number, size] of sizes.entries()) {
        connection.cutAfter((sizes[number - 1] ?? 0) + (size >> 1));
        const failure = await failureOf(target.restore(stored, taken, { target: way }));
        expect(failure.code).to.be.oneOf(['Truncated', 'Unavailable']);
        expect((await target.refs()).size).to.equal(number === 0 ? 0 : 2);
        target.server.requests.length = 0;
      }
    } finally {
      await connection.close();
    }
    await target.restore(stored, taken);
    expect(stagesSent(target)).to.deep.equal([2]);
    await target.expectRefs(taken.source.refs);
  });

  it('that lost the answer to a push does not send the stage again', async () => {
    const target = await newTarget();
    target.server.faults.push(cutBody({ after: 10, ending: 'reset' }, { on: 'receive-pack', skip: 1, times: 1 }));
    expect((await failureOf(target.restore(stored, taken))).code).to.equal('Truncated');
    expect(stagesSent(target)).to.deep.equal([0, 1]);
    target.server.requests.length = 0;
    await target.restore(stored, taken);
    expect(stagesSent(target)).to.deep.equal([2]);
    await target.expectRefs(taken.source.refs);
  });

  it('is not taken for one of another snapshot', async () => {
    const target = await newTarget();
    await stopInStage(target, 1);
    const other = await StoredRepository.create(await folder(), { commits: 3, seed: 'other' });
    const [, second] = await other.chain([(path) => addCommit(path)]);
    const failure = await failureOf(target.restore(other, second!));
    expect(failure.code).to.equal('TargetNotEmpty');
    expect(failure.message).to.match(/holdfast-restore-/);
  });
});
