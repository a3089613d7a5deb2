import { expect } from 'chai';
import fc from 'fast-check';
import { setImmediate as tick } from 'node:timers/promises';
import { pipe } from '#core/git/pipe.ts';
import type { PackSink } from '#core/git/fetch.ts';

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const kept: Buffer[] = [];
  for await (const chunk of chunks) kept.push(Buffer.from(chunk));
  return Buffer.concat(kept);
}

const failing = (message: string): Promise<never> => Promise.reject(new Error(message));

async function messageFrom(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error as Error).message,
  );
}

describe('a pipe from a sink to an iterable', () => {
  it('hands every byte over once and in order, whichever side is slower', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.boolean(), fc.boolean())),
        async (steps) => {
          const produce = async (sink: PackSink): Promise<number> => {
            for (const [bytes, late] of steps) {
              if (late) await tick();
              // As a socket does, the producer uses its memory again once it may go on.
              const reused = Buffer.from(bytes);
              await sink(reused);
              reused.fill(0xee);
            }
            return steps.length;
          };
          const consume = async (chunks: AsyncIterable<Buffer>): Promise<Buffer> => {
            const kept: Buffer[] = [];
            for await (const chunk of chunks) {
              if (steps[kept.length]?.[2]) await tick();
              kept.push(Buffer.from(chunk));
            }
            return Buffer.concat(kept);
          };
          const [produced, consumed] = await pipe(produce, consume);
          expect(produced).to.equal(steps.length);
          expect(consumed).to.deep.equal(Buffer.concat(steps.map(([bytes]) => bytes)));
        },
      ),
      { numRuns: 200 },
    ));

  it('makes the producer wait until the consumer comes back for more', async () => {
    const events: string[] = [];
    await pipe(
      async (sink) => {
        for (const name of ['a', 'b']) {
          await sink(Buffer.from(name));
          events.push(`${name} pushed`);
        }
      },
      async (chunks) => {
        for await (const chunk of chunks) {
          await tick();
          events.push(`${chunk.toString()} used`);
        }
      },
    );
    expect(events).to.deep.equal(['a used', 'a pushed', 'b used', 'b pushed']);
  });

  it('stops the consumer with the error of the producer', async () => {
    let seen = '';
    const message = await messageFrom(
      pipe(
        async (sink) => {
          await sink(Buffer.from('x'));
          return failing('the server is gone');
        },
        (chunks) =>
          collect(chunks).catch((error: unknown) => {
            seen = (error as Error).message;
            throw new Error('a consequence');
          }),
      ),
    );
    expect([message, seen]).to.deep.equal(['the server is gone', 'the server is gone']);
  });

  it('stops the producer with the error of the consumer, at its next push or in the one that waits', async () => {
    for (const chunksBefore of [0, 1, 3]) {
      let pushes = 0;
      const message = await messageFrom(
        pipe(
          async (sink) => {
            for (;;) {
              await sink(Buffer.from('x'));
              pushes += 1;
              await tick();
            }
          },
          async (chunks) => {
            const iterator = chunks[Symbol.asyncIterator]();
            for (let seen = 0; seen < chunksBefore; seen += 1) await iterator.next();
            return failing('the disk is full');
          },
        ),
      );
      expect(message).to.equal('the disk is full');
      expect(pushes).to.be.lessThan(chunksBefore + 1);
    }
  });

  it('lets a consumer end early, and the producer run on to its end', async () => {
    const [produced, consumed] = await pipe(
      async (sink) => {
        for (let count = 0; count < 5; count += 1) await sink(Buffer.from('x'));
        return 'all';
      },
      async (chunks) => {
        for await (const chunk of chunks) return chunk.toString();
        return '';
      },
    );
    expect([produced, consumed]).to.deep.equal(['all', 'x']);
  });

  it('waits for both before it fails, so that nothing they use is taken away under them', async () => {
    let ended = false;
    const message = await messageFrom(
      pipe(
        () => failing('at once'),
        async (chunks) => {
          await collect(chunks).catch(() => undefined);
          for (let count = 0; count < 5; count += 1) await tick();
          ended = true;
        },
      ),
    );
    expect([message, ended]).to.deep.equal(['at once', true]);
  });
});
