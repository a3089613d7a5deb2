import { expect } from 'chai';
import fc from 'fast-check';
import { HoldfastError } from '#core/runtime/errors.ts';
import { BlockWriter } from '#core/vault/storage/block-writer.ts';
import { codeOf, contentOf } from '../../../../support/vault-content.ts';

/** Storage that keeps each block until the test lets it go. */
class HeldStorage {
  /** The blocks under way, oldest first. */
  readonly held: { index: number; settle: (error?: Error) => void }[] = [];
  readonly stored: Buffer[] = [];
  /** The memory of all blocks ever seen, by size. */
  readonly memory = new Map<number, Set<ArrayBufferLike>>();
  mostAtOnce = 0;

  readonly store = (block: Buffer, index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const size = block.buffer.byteLength;
      this.memory.set(size, (this.memory.get(size) ?? new Set()).add(block.buffer));
      this.held.push({
        index,
        settle: (error) => {
          // Read as late as may be: until now the memory must not be used for anything else.
          this.stored[index] = Buffer.from(block);
          if (error) reject(error);
          else resolve();
        },
      });
      this.mostAtOnce = Math.max(this.mostAtOnce, this.held.length);
    });

  /** Lets one block go, by its place among those under way. */
  release(place = 0, error?: Error): void {
    this.held.splice(place % this.held.length, 1)[0]?.settle(error);
  }

  get content(): Buffer {
    return Buffer.concat(this.stored);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a block writer', () => {
  it('stores blocks of the given size in order, the last as long as it is', async () => {
    const sizes: number[] = [];
    const writer = new BlockWriter({
      blockBytes: (index) => 10 * (index + 1),
      blocks: 3,
      store: (block) => Promise.resolve(void sizes.push(block.length)),
    });
    await writer.write(contentOf(65));
    await writer.finish();
    expect(sizes).to.deep.equal([10, 20, 30, 5]);
  });

  it('stores nothing for no bytes', async () => {
    const storage = new HeldStorage();
    const writer = new BlockWriter({ blockBytes: () => 10, blocks: 3, store: storage.store });
    expect(writer.write(Buffer.alloc(0))).to.equal(undefined);
    expect(writer.only()).to.deep.equal(Buffer.alloc(0));
    await writer.finish();
    expect(storage.held).to.have.length(0);
  });

  it('hands out the only bytes until a block is full', () => {
    const storage = new HeldStorage();
    const writer = new BlockWriter({ blockBytes: () => 10, blocks: 3, store: storage.store });
    void writer.write(Buffer.from('123456'));
    void writer.write(Buffer.from('789'));
    expect(writer.only()?.toString()).to.equal('123456789');
    void writer.write(Buffer.from('0'));
    expect(writer.only()).to.equal(undefined);
  });

  it('fills one block while all others are on their way, and only then lets the source wait', async () => {
    const storage = new HeldStorage();
    const writer = new BlockWriter({ blockBytes: () => 10, blocks: 3, store: storage.store });
    expect(writer.write(contentOf(29))).to.equal(undefined);
    expect(storage.held).to.have.length(2);
    expect(writer.write(contentOf(1))).to.equal(undefined);
    expect(storage.held).to.have.length(3);

    let waited = false;
    const waiting = writer.write(contentOf(1))?.then(() => (waited = true));
    expect(waiting).to.be.instanceOf(Promise);
    await turn();
    expect(waited).to.equal(false);
    storage.release();
    await waiting;
    storage.release();
    storage.release();
    const finished = writer.finish();
    storage.release();
    await finished;
  });

  it('never has more blocks than stated, however slow storage is and in whatever order it ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.nat(40), { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(3), { minLength: 1 }),
        async (blocks, chunks, order) => {
          const storage = new HeldStorage();
          let mostBeside = 0;
          // Asked when a block begins: those on their way are alive beside it.
          const grow = (index: number): number => {
            mostBeside = Math.max(mostBeside, storage.held.length);
            return index < 5 ? 16 : 32;
          };
          const writer = new BlockWriter({ blockBytes: grow, blocks, store: storage.store });
          const content = contentOf(chunks.reduce((sum, length) => sum + length, 0));
          const scratch = Buffer.alloc(40);
          let turns = 0;
          const release = (): void => {
            if (storage.held.length > 0) storage.release(order[turns++ % order.length]);
          };
          let at = 0;
          for (const length of chunks) {
            content.copy(scratch, 0, at, at + length);
            const waiting = writer.write(scratch.subarray(0, length));
            if (waiting) {
              const state = { over: false };
              void waiting.then(() => {
                state.over = true;
              });
              await turn();
              // Storage was full; only now, and as slowly as can be, one block after the other goes.
              expect(storage.held).to.have.length(blocks);
              while (!state.over) {
                release();
                await turn();
              }
            }
            scratch.fill(0xee);
            at += length;
          }
          const state = { over: false };
          const finished = writer.finish().then(() => {
            state.over = true;
          });
          while (!state.over) {
            release();
            await turn();
          }
          await finished;

          expect(storage.content.equals(content)).to.equal(true);
          // Full, all but the last, also where memory of another size had become free.
          for (const [index, block] of storage.stored.slice(0, -1).entries())
            expect(block.length).to.equal(index < 5 ? 16 : 32);
          expect(mostBeside).to.be.at.most(blocks - 1);
          expect(storage.mostAtOnce).to.be.at.most(blocks);
          for (const memory of storage.memory.values()) expect(memory.size).to.be.at.most(blocks);
        },
      ),
      { numRuns: 100 },
    );
  });

  for (const [when, act] of [
    ['at the next write', (writer: BlockWriter) => writer.write(contentOf(1))],
    ['at the end', (writer: BlockWriter) => writer.finish()],
    ['when the only bytes are asked for', (writer: BlockWriter) => Promise.resolve().then(() => writer.only())],
  ] as const)
    it(`tells of a failure ${when}`, async () => {
      const writer = new BlockWriter({
        blockBytes: () => 10,
        blocks: 3,
        store: () => Promise.reject(new HoldfastError('AccessDenied', 'no')),
      });
      void writer.write(contentOf(12));
      await turn();
      expect(await codeOf(act(writer))).to.equal('AccessDenied');
      expect(await codeOf(act(writer))).to.equal('AccessDenied');
    });

  it('tells of a failure to a write that waits', async () => {
    const storage = new HeldStorage();
    const writer = new BlockWriter({ blockBytes: () => 10, blocks: 2, store: storage.store });
    const waiting = writer.write(contentOf(25));
    storage.release(1, new HoldfastError('AccessDenied', 'no'));
    expect(await codeOf(waiting)).to.equal('AccessDenied');
  });

  it('tells of the first failure, and stores nothing more after it', async () => {
    const storage = new HeldStorage();
    const writer = new BlockWriter({ blockBytes: () => 10, blocks: 3, store: storage.store });
    void writer.write(contentOf(25));
    storage.release(1, new HoldfastError('AccessDenied', 'first'));
    await turn();
    storage.release(0, new HoldfastError('StorageFailed', 'second'));
    await turn();
    expect(await codeOf(writer.finish())).to.equal('AccessDenied');
    expect(storage.held).to.have.length(0);
    expect(storage.stored).to.have.length(2);
  });

  it('once stopped waits for what is under way, and takes no more', async () => {
    const storage = new HeldStorage();
    const writer = new BlockWriter({ blockBytes: () => 10, blocks: 2, store: storage.store });
    const waiting = codeOf(writer.write(contentOf(35)));
    let stopped = false;
    const stopping = writer.stop().then(() => (stopped = true));
    storage.release();
    await turn();
    expect(stopped).to.equal(false);
    storage.release();
    await stopping;
    expect(await waiting).to.equal('StorageFailed');
    expect(await codeOf(writer.write(contentOf(1)))).to.equal('StorageFailed');
    expect(await codeOf(writer.finish())).to.equal('StorageFailed');
    expect(storage.stored).to.have.length(2);
  });
});
