import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import type { Advertisement } from '#core/git/advertisement.ts';
import { isAncestor } from '#core/git/ancestry.ts';
import { emptyPack } from '#core/git/empty-pack.ts';

import { fetchPack, listRefs, offerOf } from '#core/git/fetch.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { flush, pktLine } from '#core/git/pkt-line.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { addCommit, createRepository, git, useTemporaryFolders } from '../../../support/repositories.ts';
import { chunkSizes, collect, cut, failureOf, streamOf } from '../../../support/streams.ts';

/** Says what it was told to say, cut into chunks. */
function replay(offer: Buffer, answer: Buffer, sizes: readonly number[]): Transport {
  return {
    address: 'a replay',
    advertisement: () => Promise.resolve(streamOf(offer)),
    exchange: () => Promise.resolve(streamOf(...cut(answer, sizes))),
    close: () => undefined,
  };
}

describe('fetching a pack', () => {
  const folder = useTemporaryFolders();
  let path: string;
  let local: LocalTransport;
  let listed: Advertisement;
  let main: string;
  let offers: Record<'protocol 2' | 'protocol 0' | 'protocol 0 without side-band', Buffer>;

  before(async () => {
    path = await createRepository(join(await folder(), 'app.git'), { commits: 4, branches: ['topic'] });
    local = new LocalTransport(path);
    listed = await listRefs(local);
    main = listed.refs.get('refs/heads/main')!;
    const offer0 = await collect(await local.advertisement('git-upload-pack', 0));
    const offer2 = await collect(await local.advertisement('git-upload-pack', 2));
    offers = { 'protocol 2': offer2, 'protocol 0': offer0, 'protocol 0 without side-band': offer0 };
  });

  function speaking(protocol: keyof typeof offers): Advertisement {
    return protocol === 'protocol 0 without side-band' ? { ...listed, capabilities: new Map() } : listed;
  }

  async function fetchBytes(transport: Transport, as: Advertisement): Promise<Buffer> {
    const parts: Buffer[] = [];
    const request = { wants: [main], haves: [], offsetDeltas: true };
    await fetchPack(transport, as, request, (bytes) => {
      parts.push(Buffer.from(bytes));
      return undefined;
    });
    return Buffer.concat(parts);
  }

  it('refuses a pack without objects where nothing is held, and takes it where something is', async () => {
    const nothing = Buffer.concat([pktLine('NAK\n'), emptyPack('sha1')]);
    const transport = replay(offers['protocol 0'], nothing, [5]);
    const as = speaking('protocol 0 without side-band');
    const error = await failureOf(fetchBytes(transport, as));
    expect(error).to.include({ code: 'Corrupt', transient: true });
    const request = { wants: [main], haves: [main], offsetDeltas: true };
    expect(await fetchPack(transport, as, request, () => undefined)).to.include({ objects: 0 });
  });

  for (const protocol of ['protocol 2', 'protocol 0', 'protocol 0 without side-band'] as const) {
    it(`gives the same pack however the answer is cut: ${protocol}`, async () => {
      const as = speaking(protocol);
      let answer: Buffer | undefined;
      const recorder: Transport = {
        address: 'a recorder',
        advertisement: () => Promise.resolve(streamOf(offers[protocol])),
        exchange: async (...asked) => streamOf((answer = await collect(await local.exchange(...asked)))),
        close: () => undefined,
      };
      const pack = await fetchBytes(recorder, as);
      expect(pack.toString('latin1', 0, 4)).to.equal('PACK');
      await fc.assert(
        fc.asyncProperty(chunkSizes, async (sizes) => {
          expect(await fetchBytes(replay(offers[protocol], answer!, sizes), as)).to.deep.equal(pack);
        }),
      );
    });

    it(`fails on arbitrary answers by errors of its own only: ${protocol}`, () => {
      const part = fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc
          .constantFrom('NAK\n', `ACK ${main}\n`, 'packfile\n', '\u0001PACK', '\u0002.', 'ERR no', 'shallow x')
          .map((text) => pktLine(text)),
        fc.constant(flush),
      );
      return fc.assert(
        fc.asyncProperty(fc.array(part, { maxLength: 6 }), chunkSizes, async (parts, sizes) => {
          const transport = replay(offers[protocol], Buffer.concat(parts), sizes);
          const error = await failureOf(fetchBytes(transport, speaking(protocol)));
          expect(error).to.be.instanceOf(HoldfastError);
        }),
      );
    });
  }

  it('hands on nothing more while the sink is busy', async () => {
    let busy = false;
    const request = { wants: [main], haves: [], offsetDeltas: true };
    const info = await fetchPack(local, listed, request, async () => {
      expect(busy, 'one call at a time').to.equal(false);
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      busy = false;
    });
    expect(info.objects).to.be.greaterThan(0);
  });

  it('stops the server when the sink fails', async () => {
    let stopped = false;
    const endless = async function* (): AsyncGenerator<Buffer> {
      try {
        yield pktLine('packfile\n');
        const header = Buffer.from('\u0001PACK\0\0\0\u0002\0\0\0\u0009', 'latin1');
        yield pktLine(header);
        for (;;) yield pktLine(await Promise.resolve('\u0001more'));
      } finally {
        stopped = true;
      }
    };
    const transport = { ...replay(offers['protocol 2'], flush, [1]), exchange: () => Promise.resolve(endless()) };
    const request = { wants: [main], haves: [], offsetDeltas: true };
    const full = new HoldfastError('StorageFailed', 'no space left');
    let seen: unknown;
    await fetchPack(transport, listed, request, () => Promise.reject(full)).catch((error: unknown) => (seen = error));
    expect(seen).to.equal(full);
    expect(stopped).to.equal(true);
  });

  it('refuses a shallow source, whose history cannot be restored', async () => {
    const shallow = join(await folder(), 'shallow.git');
    await git('.', 'clone', '--quiet', '--bare', '--depth=1', `file://${path}`, shallow);
    const error = await failureOf(listRefs(new LocalTransport(shallow)));
    expect(error).to.include({ code: 'SourceUnsupported', transient: false });
    expect(error.advice).to.include('unshallow');
    const said = Buffer.concat([pktLine(`shallow ${main}\n`), pktLine('NAK\n')]);
    expect((await failureOf(fetchBytes(replay(offers['protocol 0'], said, [9]), listed))).code).to.equal(
      'SourceUnsupported',
    );
  });

  it('refuses a server that answers a listing in a protocol that was not asked for', async () => {
    const error = await failureOf(listRefs(replay(offers['protocol 2'], flush, [1])));
    expect(error.code).to.equal('ProtocolViolation');
  });

  describe('to learn whether a commit is part of the history of another', () => {
    for (const protocol of ['protocol 2', 'protocol 0'] as const) {
      /** Real git behind either protocol. */
      const transport = (): Transport => ({
        address: path,
        advertisement: (service) => local.advertisement(service, protocol === 'protocol 2' ? 2 : 0),
        exchange: (...asked) => local.exchange(...asked),
        close: () => undefined,
      });

      it(`says yes for an ancestor and no for one on a branch beside it: ${protocol}`, async () => {
        const topic = listed.refs.get('refs/heads/topic')!;
        const first = await git(path, 'rev-parse', 'main~3');
        expect(await ancestor(transport(), main, topic)).to.equal(true);
        expect(await ancestor(transport(), first, topic)).to.equal(true);
        expect(await ancestor(transport(), topic, main)).to.equal(false);
      });
    }

    async function ancestor(transport: Transport, older: string, newer: string): Promise<boolean> {
      return isAncestor(transport, await offerOf(transport, listed), older, newer);
    }

    it('says that the server no longer has the old one', async () => {
      expect((await failureOf(ancestor(local, '1'.repeat(40), main))).code).to.equal('RefMoved');
      const lost = await addCommit(path, { branch: 'lost' });
      await git(path, 'update-ref', '-d', 'refs/heads/lost');
      expect(await ancestor(local, lost, main)).to.equal(false);
    });
  });
});
