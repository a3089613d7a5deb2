import { expect } from 'chai';
import type { UnfinishedWrite, Vault } from '#core/vault/storage/vault.ts';
import { collect } from '../../../support/streams.ts';
import { codeOf, contentOf, keysOf, sha256, store, stored, writeReusing } from '../../../support/vault-content.ts';

export interface VaultUnderTest {
  vault: Vault;
  /** What attempts left behind that did not become objects. */
  leftovers: () => Promise<string[]>;
}

/** What every vault must do. */
export function vaultContract(options: {
  /** The bytes that an implementation collects before it stores them: where its edges are. */
  blockBytes: number;
  /** A new, empty vault. */
  open: () => Promise<VaultUnderTest>;
}): void {
  const { blockBytes } = options;
  let vault: Vault;
  let leftovers: () => Promise<string[]>;

  beforeEach(async () => {
    ({ vault, leftovers } = await options.open());
  });

  async function expectGone(key: string): Promise<void> {
    expect(await vault.stat(key)).to.equal(undefined);
    expect(await keysOf(vault, key)).to.not.include(key);
    expect(await codeOf(collect(vault.read(key)))).to.equal('NotFound');
  }

  async function expectNothing(key: string): Promise<void> {
    await expectGone(key);
    expect(await keysOf(vault)).to.deep.equal([]);
    expect(await leftovers()).to.deep.equal([]);
  }

  describe('a writer', () => {
    for (const [length, bytes] of [
      ['no bytes', 0],
      ['one byte', 1],
      ['a block less one byte', blockBytes - 1],
      ['exactly one block', blockBytes],
      ['a block and one byte', blockBytes + 1],
      ['exactly three blocks', 3 * blockBytes],
      ['more blocks than it holds in memory', 4 * blockBytes + 7],
    ] as const) {
      it(`stores a stream of ${length}`, async () => {
        const content = contentOf(bytes);
        const writer = vault.writer('a/data');
        for (let at = 0; at < bytes; at += 1 << 16) await writer.write(content.subarray(at, at + (1 << 16)));
        expect(await writer.finish()).to.deep.equal({ key: 'a/data', bytes, sha256: sha256(content) });
        expect(sha256(await collect(vault.read('a/data')))).to.equal(sha256(content));
        expect(await vault.stat('a/data')).to.deep.equal({ bytes });
        expect(await keysOf(vault)).to.deep.equal(['a/data']);
        expect(await leftovers()).to.deep.equal([]);
      });
    }

    it('stores what was written although the caller reuses its memory', async () => {
      const content = contentOf(3 * blockBytes + 11);
      const writer = vault.writer('data');
      await writeReusing(writer, content, 65_521);
      expect((await writer.finish()).sha256).to.equal(sha256(content));
      expect(sha256(await collect(vault.read('data')))).to.equal(sha256(content));
    });

    it('lets the caller wait only when all its blocks are on their way', async () => {
      const content = contentOf(4 * blockBytes + 1);
      const writer = vault.writer('data');
      expect(writer.write(content.subarray(0, 2 * blockBytes + 1))).to.equal(undefined);
      expect(writer.write(content.subarray(2 * blockBytes + 1, 3 * blockBytes))).to.equal(undefined);
      expect(writer.write(Buffer.alloc(0))).to.equal(undefined);
      const waiting = writer.write(content.subarray(3 * blockBytes));
      expect(waiting).to.be.instanceOf(Promise);
      await waiting;
      await writer.finish();
      expect(sha256(await collect(vault.read('data')))).to.equal(sha256(content));
    });

    for (const [size, bytes] of [
      ['small', 5],
      ['large', 2 * blockBytes + 5],
    ] as const) {
      describe(`of a ${size} object`, () => {
        it('shows nothing of it before it has finished', async () => {
          const writer = vault.writer('data');
          await writer.write(contentOf(bytes));
          expect(await vault.stat('data')).to.equal(undefined);
          expect(await keysOf(vault)).to.deep.equal([]);
          await writer.finish();
          expect(await keysOf(vault)).to.deep.equal(['data']);
        });

        it('leaves nothing when it is aborted, be it twice', async () => {
          const writer = vault.writer('data');
          await writer.write(contentOf(bytes));
          await writer.abort();
          await writer.abort();
          await expectNothing('data');
        });

        it('takes no more once it is aborted', async () => {
          const writer = vault.writer('data');
          await writer.write(contentOf(bytes));
          await writer.abort();
          expect(await codeOf(writer.write(contentOf(1)))).to.equal('StorageFailed');
          expect(await codeOf(writer.finish())).to.equal('StorageFailed');
          await expectNothing('data');
        });

        it('keeps the object when it is aborted after it has finished', async () => {
          await vault.create('before', Buffer.alloc(0));
          const writer = vault.writer('data');
          await writer.write(contentOf(bytes));
          await writer.finish();
          await writer.abort();
          expect(await stored(vault, 'data')).to.deep.equal(contentOf(bytes));
        });

        it('refuses to finish under a key that is taken, and leaves the object there as it was', async () => {
          await vault.create('data', Buffer.from('first'));
          const writer = vault.writer('data');
          await writer.write(contentOf(bytes));
          expect(await codeOf(writer.finish())).to.equal('AlreadyExists');
          expect((await stored(vault, 'data'))?.toString()).to.equal('first');
          expect(await leftovers()).to.deep.equal([]);
        });

        it('finishes for exactly one of several that write the same key', async () => {
          const contents = [1, 2, 3].map((seed) => contentOf(bytes, seed));
          const outcomes = await Promise.allSettled(contents.map((content) => store(vault, 'data', content)));
          const winners = contents.filter((_, index) => outcomes[index]?.status === 'fulfilled');
          expect(winners).to.have.length(1);
          expect(await stored(vault, 'data')).to.deep.equal(winners[0]);
          expect(await leftovers()).to.deep.equal([]);
        });
      });
    }

    it('leaves nothing when it is aborted before it was written to', async () => {
      await vault.writer('data').abort();
      await expectNothing('data');
    });

    it('leaves nothing when it is aborted while a write waits for storage', async () => {
      const writer = vault.writer('data');
      const writing = codeOf(writer.write(contentOf(6 * blockBytes)));
      await writer.abort();
      expect(await writing).to.equal('StorageFailed');
      await expectNothing('data');
    });
  });

  describe('create', () => {
    it('stores an object whole', async () => {
      await vault.create('a/b/manifest.json', Buffer.from('{}\n'));
      expect((await stored(vault, 'a/b/manifest.json'))?.toString()).to.equal('{}\n');
      expect(await leftovers()).to.deep.equal([]);
    });

    it('stores an empty object', async () => {
      await vault.create('index/marker', Buffer.alloc(0));
      expect(await vault.stat('index/marker')).to.deep.equal({ bytes: 0 });
      expect(await collect(vault.read('index/marker'))).to.deep.equal(Buffer.alloc(0));
    });

    for (const second of ['other', 'first'])
      it(`refuses a key that is taken, and leaves the object there as it was: first, then ${second}`, async () => {
        await vault.create('key', Buffer.from('first'));
        expect(await codeOf(vault.create('key', Buffer.from(second)))).to.equal('AlreadyExists');
        expect((await stored(vault, 'key'))?.toString()).to.equal('first');
        expect(await leftovers()).to.deep.equal([]);
      });

    it('succeeds for exactly one of sixteen that try at once', async () => {
      const contents = Array.from({ length: 16 }, (_, index) => Buffer.from(`writer ${index}`));
      const outcomes = await Promise.all(
        contents.map((content) =>
          vault.create('key', content).then(
            () => content.toString(),
            (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
          ),
        ),
      );
      const winners = outcomes.filter((outcome) => outcome !== 'AlreadyExists');
      expect(winners).to.have.length(1);
      expect((await stored(vault, 'key'))?.toString()).to.equal(winners[0]);
      expect(await leftovers()).to.deep.equal([]);
    });
  });

  describe('replace', () => {
    it('stores an object whether or not there is one', async () => {
      await vault.replace('latest/report.json', contentOf(3000));
      expect(await stored(vault, 'latest/report.json')).to.deep.equal(contentOf(3000));
      await vault.replace('latest/report.json', contentOf(5, 2));
      expect(await stored(vault, 'latest/report.json')).to.deep.equal(contentOf(5, 2));
      expect(await keysOf(vault)).to.deep.equal(['latest/report.json']);
      expect(await leftovers()).to.deep.equal([]);
    });

    it('leaves a whole one when several try at once', async () => {
      const contents = [1, 2, 3, 4].map((seed) => contentOf(100_000 * seed, seed));
      await Promise.all(contents.map((content) => vault.replace('latest', content)));
      const found = await stored(vault, 'latest');
      expect(contents.filter((content) => found?.equals(content))).to.have.length(1);
      expect(await leftovers()).to.deep.equal([]);
    });
  });

  describe('read and stat', () => {
    it('say that there is no such object', async () => {
      await vault.create('a/b/c', Buffer.from('x'));
      for (const missing of ['a/b/d', 'd', 'a', 'a/b', 'a/b/c/d']) {
        expect(await codeOf(collect(vault.read(missing))), missing).to.equal('NotFound');
        expect(await vault.stat(missing), missing).to.equal(undefined);
      }
    });

    it('may be left before the end', async () => {
      const content = contentOf(blockBytes + 5);
      await store(vault, 'data', content);
      for await (const chunk of vault.read('data')) {
        expect(content.subarray(0, chunk.length).equals(chunk)).to.equal(true);
        break;
      }
      expect(sha256(await collect(vault.read('data')))).to.equal(sha256(content));
    });
  });

  describe('list', () => {
    // In the order of their bytes, which is neither that of folders nor that of any language.
    const inOrder = [
      ...['a-b/c', 'a-c', 'a.b', 'a.c-d', 'a.c/x', 'a/b', 'a/c-d', 'a/c.d', 'a/c/x', 'a/c0'],
      ...['a0', 'a=b/c', 'a=c', 'a_b', 'aa/b', 'b'],
    ];

    async function fill(): Promise<void> {
      for (const key of inOrder.toReversed()) await vault.create(key, Buffer.from(key));
    }

    it('has the order of the bytes of whole keys', async () => {
      await fill();
      expect(await keysOf(vault)).to.deep.equal(inOrder);
    });

    it('finds the keys that begin with a prefix, wherever it ends', async () => {
      await fill();
      for (const prefix of [
        'a',
        'a-',
        'a.c',
        'a.c/',
        'a/',
        'a/c',
        'a/c/',
        'a/c/x',
        'aa/b',
        'a/b/',
        'z',
        'z/z/',
        '/',
        'a//b',
      ])
        expect(await keysOf(vault, prefix), prefix).to.deep.equal(inOrder.filter((key) => key.startsWith(prefix)));
    });

    it('is empty for an empty vault', async () => {
      expect(await keysOf(vault)).to.deep.equal([]);
      expect(await keysOf(vault, 'github/')).to.deep.equal([]);
    });

    it('tells the size and the time of each object', async () => {
      await vault.create('a/b', contentOf(1234));
      for await (const object of vault.list('a')) {
        expect(object.bytes).to.equal(1234);
        expect(Date.now() - object.modified.getTime()).to.be.within(-3_600_000, 3_600_000);
      }
    });

    it('goes on after a thousand objects', async () => {
      const keys = Array.from({ length: 1003 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(keys.slice(at, at + 50).map((key) => vault.create(key, Buffer.alloc(0))));
      expect(await keysOf(vault, 'many/')).to.deep.equal(keys);
    });
  });

  describe('unfinished', () => {
    async function unfinished(): Promise<UnfinishedWrite[]> {
      const found: UnfinishedWrite[] = [];
      for await (const write of vault.unfinished()) found.push(write);
      return found;
    }

    it('shows what is being written and nothing that is done', async () => {
      expect(await unfinished()).to.deep.equal([]);
      await vault.create('done', contentOf(5));
      const writer = vault.writer('data');
      await writer.write(contentOf(4 * blockBytes));
      const [write, ...more] = await unfinished();
      expect(more).to.deep.equal([]);
      expect(write?.name).to.be.a('string');
      expect(Date.now() - write!.since.getTime()).to.be.within(-3_600_000, 3_600_000);
      await writer.finish();
      expect(await unfinished()).to.deep.equal([]);
    });

    it('can be removed, be it twice, so that its writer cannot finish', async () => {
      const writer = vault.writer('data');
      await writer.write(contentOf(4 * blockBytes));
      const writes = await unfinished();
      expect(writes).to.have.length(1);
      for (const write of [...writes, ...writes]) await write.remove();
      expect(await unfinished()).to.deep.equal([]);
      expect(await codeOf(writer.finish())).to.equal('StorageFailed');
      await expectNothing('data');
    });
  });

  describe('remove', () => {
    it('removes one object and no other', async () => {
      await vault.create('a/b', Buffer.from('x'));
      await vault.create('a/bc', Buffer.from('y'));
      await vault.remove('a/b');
      await expectGone('a/b');
      expect(await keysOf(vault)).to.deep.equal(['a/bc']);
    });

    it('takes an object that is not there for removed', async () => {
      await vault.create('a/b', Buffer.from('x'));
      for (const missing of ['a/b', 'a/b', 'c', 'a/b/c', 'd/e/f']) await vault.remove(missing);
      expect(await keysOf(vault)).to.deep.equal([]);
    });

    it('does not take a prefix for an object', async () => {
      await vault.create('a/b', Buffer.from('x'));
      await vault.remove('a');
      expect(await keysOf(vault)).to.deep.equal(['a/b']);
    });

    it('makes room for another object', async () => {
      await vault.create('key', Buffer.from('first'));
      await vault.remove('key');
      await vault.create('key', Buffer.from('second'));
      expect((await stored(vault, 'key'))?.toString()).to.equal('second');
    });
  });
}
