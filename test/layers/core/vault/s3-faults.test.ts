import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import { defaultStallMs } from '#core/runtime/http.ts';
import { connectS3, type S3Connection } from '#core/vault/storage/s3/s3-client.ts';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { collect, failureOf } from '../../../support/streams.ts';
import { codeOf, contentOf, keysOf, sha256, store, stored } from '../../../support/vault-content.ts';
import {
  cutDownload,
  cutUpload,
  deliverTwice,
  failWith,
  flipDownload,
  flipUpload,
  holdBack,
  loseAnswer,
  neverAnswer,
  resetAfter,
  startS3Proxy,
  type Harm,
  type S3Operation,
  type S3Proxy,
} from '../../../support/vault-s3-proxy.ts';
import { bucket, describeWithS3, setEnvironment } from '../../../support/vault-s3.ts';

const part = 5 << 20;
/** What S3 answers when an object stands in the way of one that may not replace it. */
const taken = failWith(412, 'PreconditionFailed');

describeWithS3('a vault in S3 that is reached through a faulty network', (s3) => {
  let proxy: S3Proxy;
  let close = (): Promise<void> => Promise.resolve();
  let prefix: string;
  /** The vault under test. */
  let vault: S3Vault;
  /** The same without faults: to see what is really there, and to be the other one. */
  let direct: Vault;

  before(async () => {
    proxy = await startS3Proxy(s3.endpoint());
    direct = new S3Vault({ bucket, prefix: '' });
    // Clients resolve their endpoint when they are first used.
    await direct.stat('nothing');
    const restore = setEnvironment({ AWS_ENDPOINT_URL: proxy.endpoint });
    close = () => {
      restore();
      return proxy.close();
    };
  });

  after(() => close());

  beforeEach(() => {
    proxy.clear();
    prefix = s3.newPrefix();
    vault = new S3Vault({ bucket, prefix, connection: trusted(connectS3()) });
  });

  function trusted(connection: S3Connection): S3Connection {
    proxy.trustedBy(connection.client);
    return connection;
  }

  const at = (key: string): string => `${prefix}/${key}`;
  const count = (operation: S3Operation): number =>
    proxy.requests.filter((request) => request.operation === operation).length;

  async function expectNothing(): Promise<void> {
    expect(await keysOf(direct, `${prefix}/`)).to.deep.equal([]);
    expect(await s3.unfinishedUploads(prefix)).to.deep.equal([]);
  }

  /** The ways to make an object, each with the request that makes it exist and the one that carries its content. */
  const ways: {
    title: string;
    commits: S3Operation;
    carries: S3Operation;
    bytes: number;
    write: (key: string, content: Buffer) => Promise<void>;
  }[] = [
    {
      title: 'create',
      commits: 'PutObject',
      carries: 'PutObject',
      bytes: 1000,
      write: (key, content) => vault.create(key, content),
    },
    {
      title: 'a writer of one part',
      commits: 'PutObject',
      carries: 'PutObject',
      bytes: 100_000,
      write: (key, content) => store(vault, key, content),
    },
    {
      title: 'a writer of several parts',
      commits: 'CompleteMultipartUpload',
      carries: 'UploadPart',
      bytes: part + 100_000,
      write: (key, content) => store(vault, key, content),
    },
  ];

  for (const { title, commits, carries, bytes, write } of ways) {
    describe(`by ${title}`, () => {
      const content = contentOf(bytes);

      it('sends the CRC of what it uploads, hashes nothing to sign it, and asks for no leave to send', async () => {
        const seen: { announced: unknown; actual: string; signed: unknown; leave: unknown; length: number }[] = [];
        proxy.harmAlways(carries, async (exchange) => {
          const body = await exchange.body();
          const actual = Buffer.alloc(4);
          actual.writeUInt32BE(crc32(body));
          const { 'x-amz-checksum-crc32': announced, 'x-amz-content-sha256': signed, expect: leave } = exchange.headers;
          seen.push({ announced, actual: actual.toString('base64'), signed, leave, length: body.length });
          exchange.reply(await exchange.forward(body));
        });
        await write('data', content);
        expect(seen.reduce((sum, { length }) => sum + length, 0)).to.equal(bytes);
        for (const { announced, actual, signed, leave } of seen) {
          expect(leave).to.equal(undefined);
          expect(announced).to.equal(actual);
          expect(signed).to.equal('UNSIGNED-PAYLOAD');
        }
      });

      it('stores nothing where the network always flips a bit of what is uploaded', async () => {
        proxy.harmAlways(carries, flipUpload(99));
        const error = await failureOf(write('data', content));
        expect(error).to.include({ code: 'StorageFailed', transient: true });
        expect(error.message).to.include('BadDigest');
        await expectNothing();
      });

      for (const [name, fault] of [
        ['status 500', failWith(500, 'InternalError')],
        ['status 503', failWith(503, 'ServiceUnavailable')],
        ['the conflict of two conditional writes', failWith(409, 'ConditionalRequestConflict')],
        ['a reset connection', resetAfter(1)],
        ['a flipped bit', flipUpload(99)],
        ['a lost end', cutUpload(99)],
      ] as const)
        it(`tries again after ${name}`, async () => {
          proxy.harm(carries, fault);
          if (commits !== carries) proxy.harm(commits, fault);
          await write('data', content);
          expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
          expect(await s3.unfinishedUploads(prefix)).to.deep.equal([]);
        });

      it('succeeds when the answer is lost and the second try meets the object of the first', async () => {
        proxy.harm(commits, loseAnswer, taken);
        await write('data', content);
        expect(count(commits)).to.equal(2);
        expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
      });

      it('succeeds when all answers are lost and the object is there', async () => {
        proxy.harm(commits, loseAnswer);
        proxy.harmAlways(commits, resetAfter(0));
        await write('data', content);
        expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
      });

      for (const [name, other] of [
        ['content', contentOf(bytes, 7)],
        ['length', contentOf(bytes + 1)],
      ] as const)
        it(`does not take another's object for its own: another ${name}`, async () => {
          const overtaken: Harm = async (exchange) => {
            await direct.create(at('data'), other);
            exchange.reset();
          };
          proxy.harm(commits, overtaken);
          expect(await codeOf(write('data', content))).to.equal('AlreadyExists');
          expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(other));
          expect(await s3.unfinishedUploads(prefix)).to.deep.equal([]);
        });

      it("does not take another's object for its own: another length, be its checksum the same", async () => {
        proxy.harm(commits, loseAnswer, taken);
        proxy.harm('HeadObject', async (exchange) => {
          const answer = await exchange.forward(await exchange.body());
          exchange.reply({ ...answer, headers: { ...answer.headers, 'content-length': bytes + 1 } });
        });
        expect(await codeOf(write('data', content))).to.equal('AlreadyExists');
      });

      it('succeeds when the request arrives twice, and the second meets the object of the first', async () => {
        proxy.harm(commits, deliverTwice);
        await write('data', content);
        expect(count(commits)).to.equal(1);
        expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
      });

      it("does not take another's object for its own, be its content the same", async () => {
        await direct.create(at('data'), content);
        expect(await codeOf(write('data', content))).to.equal('AlreadyExists');
      });

      it('names what is wrong with the credentials, whatever the status', async () => {
        proxy.harmAlways(commits, failWith(400, 'ExpiredToken'));
        const error = await failureOf(write('data', content));
        expect(error).to.include({ code: 'AccessDenied', transient: false });
        expect(error.advice).to.include('aws sso login');
        await expectNothing();
      });

      it('fails for now, and leaves nothing, where S3 goes on failing', async () => {
        proxy.harmAlways(commits, failWith(500, 'InternalError'));
        expect(await failureOf(write('data', content))).to.include({ code: 'StorageFailed', transient: true });
        expect(count(commits)).to.equal(5);
        await expectNothing();
      });

      it('fails at once where S3 refuses access', async () => {
        proxy.harmAlways(carries, failWith(403, 'AccessDenied'));
        expect(await failureOf(write('data', content))).to.include({ code: 'AccessDenied', transient: false });
        expect(count(carries)).to.equal(1 + Number(carries === 'UploadPart'));
        await expectNothing();
      });
    });
  }

  describe('in parts', () => {
    const content = contentOf(part + 100);

    for (const [name, answer] of [
      ['that the upload is gone', failWith(404, 'NoSuchUpload')],
      ['success once more', undefined],
    ] as const)
      it(`succeeds when the answer to the completion is lost and the second try is told ${name}`, async () => {
        proxy.harm('CompleteMultipartUpload', loseAnswer, ...(answer ? [answer] : []));
        await store(vault, 'data', content);
        expect(count('CompleteMultipartUpload')).to.equal(2);
        expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
      });

    it('tries again when the completion fails after S3 has begun to answer', async () => {
      proxy.harm('CompleteMultipartUpload', failWith(200, 'InternalError'));
      await store(vault, 'data', content);
      expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
    });

    it('may be tried again when somebody else aborted the upload', async () => {
      proxy.harmAlways('CompleteMultipartUpload', failWith(404, 'NoSuchUpload'));
      expect(await failureOf(store(vault, 'data', content))).to.include({ code: 'StorageFailed', transient: true });
      await expectNothing();
    });

    it('tries again when the upload cannot be started', async () => {
      proxy.harm('CreateMultipartUpload', failWith(500, 'InternalError'), resetAfter(0));
      await store(vault, 'data', content);
      expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
      expect(await s3.unfinishedUploads(prefix)).to.deep.equal([]);
    });

    it('uploads a part again whose connection is reset in the middle', async () => {
      proxy.harm('UploadPart', resetAfter(part / 2), resetAfter(part - 1), loseAnswer);
      await store(vault, 'data', content);
      expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
    });

    it('fails at the next write when a part cannot be stored', async () => {
      proxy.harmAlways('UploadPart', failWith(403, 'AccessDenied'));
      const writer = vault.writer('data');
      let failed: unknown;
      // Parts are on their way while the next ones fill, so the failure shows after one of the next writes.
      for (let written = 0; written < 4 && failed === undefined; written++)
        await writer.write(contentOf(part))?.catch((error: unknown) => (failed = error));
      expect(failed).to.be.instanceOf(HoldfastError).with.property('code', 'AccessDenied');
      expect(await codeOf(writer.finish())).to.equal('AccessDenied');
      await expectNothing();
    });

    it('holds three parts at most and lets the caller wait while storage is slow', async () => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      proxy.harmAlways('UploadPart', holdBack(released));
      const writer = vault.writer('data');
      expect(writer.write(contentOf(3 * part))).to.equal(undefined);
      const waiting = writer.write(contentOf(part, 2));
      let waited = true;
      void waiting?.then(() => (waited = false));
      await until(() => count('UploadPart') === 3);
      expect(waited).to.equal(true);
      release();
      await waiting;
      const { sha256: digest } = await writer.finish();
      expect(digest).to.equal(sha256(Buffer.concat([contentOf(3 * part), contentOf(part, 2)])));
      expect(sha256(await collect(direct.read(at('data'))))).to.equal(digest);
    });

    it('does not wait forever for an answer', async () => {
      vault = new S3Vault({ bucket, prefix, connection: trusted(connectS3(2000)) });
      proxy.harm('UploadPart', neverAnswer);
      await store(vault, 'data', content);
      expect(sha256(await collect(direct.read(at('data'))))).to.equal(sha256(content));
    });

    it('leaves nothing when it is aborted while parts are on their way', async () => {
      let release = (): void => undefined;
      proxy.harmAlways('UploadPart', holdBack(new Promise<void>((resolve) => (release = resolve))));
      const writer = vault.writer('data');
      await writer.write(contentOf(2 * part));
      await until(() => count('UploadPart') === 2);
      const aborted = writer.abort();
      release();
      await aborted;
      await expectNothing();
    });

    it('keeps its first error when the upload cannot be aborted', async () => {
      proxy.harmAlways('UploadPart', failWith(403, 'AccessDenied'));
      proxy.harmAlways('AbortMultipartUpload', failWith(403, 'AccessDenied'));
      expect((await failureOf(store(vault, 'data', content))).message).to.include('S3 refuses data');
      expect(await keysOf(direct, `${prefix}/`)).to.deep.equal([]);
    });
  });

  describe('reading', () => {
    const content = contentOf(300_000);

    beforeEach(async () => {
      await direct.create(at('data'), content);
    });

    it('tries again when the answer does not begin', async () => {
      proxy.harm('GetObject', failWith(503, 'SlowDown'), resetAfter(0));
      expect(sha256(await collect(vault.read('data')))).to.equal(sha256(content));
    });

    it('fails when the connection breaks in the middle', async () => {
      proxy.harm('GetObject', cutDownload(200_000));
      expect(await failureOf(collect(vault.read('data')))).to.include({ code: 'StorageFailed', transient: true });
    });

    it('fails when a bit is flipped on its way', async () => {
      proxy.harm('GetObject', flipDownload(200_000));
      const error = await failureOf(collect(vault.read('data')));
      expect(error).to.include({ code: 'StorageFailed', transient: true });
      expect(error.message).to.equal('the content of data does not match the checksum that S3 sent with it');
    });

    it('waits no longer for answers that do not begin than for an upload', async () => {
      vault = new S3Vault({ bucket, prefix, connection: trusted(connectS3(300)) });
      for (const operation of ['GetObject', 'HeadObject', 'ListObjects'] as const) proxy.harm(operation, neverAnswer);
      expect(await keysOf(vault)).to.deep.equal(['data']);
      expect(await vault.stat('data')).to.deep.equal({ bytes: content.length });
      expect(sha256(await collect(vault.read('data')))).to.equal(sha256(content));
    });

    it('gives up a store that never answers well within the time of a function', async () => {
      vault = new S3Vault({ bucket, prefix, connection: trusted(connectS3(100)) });
      proxy.harmAlways('GetObject', neverAnswer);
      expect(await failureOf(collect(vault.read('data')))).to.include({ code: 'StorageFailed', transient: true });
      const longestMs = count('GetObject') * defaultStallMs;
      expect(longestMs).to.be.below(15 * 60_000 * 0.5);
    });

    it('says that access is refused, not that there is nothing', async () => {
      for (const operation of ['GetObject', 'HeadObject', 'ListObjects', 'DeleteObject'] as const)
        proxy.harmAlways(operation, failWith(403, 'AccessDenied'));
      expect(await codeOf(collect(vault.read('data')))).to.equal('AccessDenied');
      expect(await codeOf(vault.stat('data'))).to.equal('AccessDenied');
      expect(await codeOf(keysOf(vault))).to.equal('AccessDenied');
      expect(await codeOf(vault.remove('data'))).to.equal('AccessDenied');
      expect(await stored(direct, at('data'))).to.deep.equal(content);
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
