import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { HttpTransport } from '#core/git/http-transport.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { thrice } from '../../../../support/backups.ts';
import {
  cutBody,
  flipByte,
  sideBandError,
  Fault,
  type Body,
  type Ending,
  type When,
} from '../../../../support/git-faults.ts';
import { addCommit, type RepositoryShape } from '../../../../support/repositories.ts';
import { collect, failureOf } from '../../../../support/streams.ts';
import { useServed } from './served.ts';

/** Bytes that do not shrink, so that a pack takes several chunks. */
const noise = createHash('shake256', { outputLength: 200_000 }).update('noise').digest();
const shape: RepositoryShape = { commits: 3, branches: ['topic'], files: { 'noise.bin': noise } };

/** Places in a body whose length is only known when it is sent: from the start, as a share, or from the end. */
const places: Record<string, (length: number) => number> = {
  ...Object.fromEntries([0, 3, 4, 9, 13, 14, 17, 29].map((at) => [`${at} bytes`, () => at])),
  ...Object.fromEntries([1, 2, 3, 4].map((fifth) => [`${fifth} fifths`, (length) => Math.floor((length * fifth) / 5)])),
  ...Object.fromEntries([30, 24, 5, 4, 1].map((before) => [`all but ${before} bytes`, (length) => length - before])),
};

/** Changes a whole body at once. */
function changeWhole(when: When, change: (whole: Buffer, endWith: (ending: Ending) => void) => Buffer): Fault {
  async function* changed(body: Body, endWith: (ending: Ending) => void): Body {
    yield change(await collect(body), endWith);
  }
  return new Fault('changed', when, { change: changed });
}

function cutAt(place: (length: number) => number, ending: Ending, when: When = { on: 'fetch' }): Fault {
  return changeWhole(when, (whole, endWith) => {
    endWith(ending);
    return whole.subarray(0, place(whole.length));
  });
}

describe('a transfer that fails', () => {
  const serve = useServed();
  /** Only where the server does fall silent: on a busy machine an honest server needs longer than this too. */
  const serveImpatiently = useServed({ stallMs: 200 });
  const serveLessImpatiently = useServed({ stallMs: 3_000 });

  for (const protocol of ['v2', 'v0'] as const)
    for (const ending of ['end', 'close', 'reset'] satisfies Ending[])
      it(`leaves nothing behind when the pack is cut at any place: ${ending}, ${protocol}`, async () => {
        const served = await serve(shape, { protocol });
        for (const [name, place] of Object.entries(places)) {
          served.server.faults.splice(0, 1, cutAt(place, ending));
          const error = await failureOf(served.take());
          expect(error, name).to.include({ code: 'Truncated', transient: true });
          expect(await served.backups.files(), name).to.deep.equal([]);
        }
      });

  it('leaves nothing behind when megabytes of the pack have been written already', async () => {
    const large = createHash('shake256', { outputLength: 4 << 20 })
      .update('large')
      .digest();
    const served = await serve({ files: { 'large.bin': large } });
    // A reset would throw away what is still on its way.
    served.server.faults.push(cutBody({ after: 3 << 20, ending: 'close' }));
    const progress: number[] = [];
    const taking = served.take({ onProgress: (bytes) => progress.push(bytes) });
    expect(await failureOf(taking)).to.include({ code: 'Truncated' });
    expect(progress.at(-1)).to.be.greaterThan(2 << 20);
    expect(await served.backups.files()).to.deep.equal([]);
  });

  it('leaves nothing behind when the list of refs, or the offer of protocol 2, is cut at any place', async () => {
    const served = await serve(shape);
    for (const ending of ['end', 'close', 'reset'] satisfies Ending[])
      for (const skip of [0, 1])
        for (const [name, place] of Object.entries(places)) {
          served.server.faults.splice(0, 1, cutAt(place, ending, { on: 'info-refs', skip }));
          const error = await failureOf(served.take());
          expect(error, name).to.include({ code: 'Truncated', transient: true });
          expect(await served.backups.files(), name).to.deep.equal([]);
        }
  });

  it('leaves nothing behind when a byte of the pack is flipped, wherever it is', async () => {
    const served = await serve(shape);
    const { manifest } = await served.take();
    const length = manifest.git!.pack!.bytes;
    const before = await served.backups.files();
    for (const at of [0, 3, 5, 7, 8, 11, 12, 13, 200, length >> 2, length >> 1, length - 21, length - 20, length - 1])
      for (const mask of [0x01, 0x80]) {
        served.server.faults.splice(0, 1, flipByte({ at, within: 'pack', mask }));
        const error = await failureOf(served.take({ options: { full: true } }));
        expect(error, `byte ${at} of ${length}`).to.include({ code: 'Corrupt', transient: true });
        expect(await served.backups.files()).to.deep.equal(before);
      }
  });

  it('leaves nothing behind when a byte of the framing is flipped', async () => {
    const served = await serve(shape);
    // The lengths, the word `packfile`, the number of the band, and the flush at the end.
    for (const at of [0, 1, 2, 3, 4, 11, 13, 14, 15, 16, 17, -4, -1])
      for (const mask of [0x01, 0x02, 0x08, 0xff]) {
        const flipped = (whole: Buffer) => {
          const index = (at + whole.length) % whole.length;
          whole.writeUInt8(whole.readUInt8(index) ^ mask, index);
          return whole;
        };
        served.server.faults.splice(0, 1, changeWhole({ on: 'fetch' }, flipped));
        const error = await failureOf(served.take());
        expect(error.code, `byte ${at}`).to.be.oneOf(['Truncated', 'Corrupt', 'ProtocolViolation', 'RemoteRefused']);
        expect(error.transient, `byte ${at}: ${error.message}`).to.equal(true);
        expect(await served.backups.files(), `byte ${at}`).to.deep.equal([]);
      }
  });

  for (const [when, fault] of [
    ['in the list of refs', () => cutBody({ after: 50, ending: 'stall' }, { on: 'info-refs', times: 1 })],
    ['before the first byte of the answer', () => cutBody({ after: 0, ending: 'stall' }, { on: 'fetch', times: 1 })],
    ['in the middle of the pack', () => cutBody({ after: 5_000, ending: 'stall' }, { on: 'fetch', times: 1 })],
  ] as const)
    it(`is given up when the server falls silent ${when}, and leaves nothing behind`, async () => {
      const served = await serveImpatiently(shape);
      served.server.faults.push(fault());
      const error = await failureOf(served.take());
      expect(error).to.include({ code: 'Stalled', transient: true });
      expect(await served.backups.files()).to.deep.equal([]);
    });

  it('is given up when the server does not answer at all', async () => {
    const served = await serveImpatiently(shape, { intercept: ({ kind }) => kind === 'fetch' });
    expect((await failureOf(served.take())).code).to.equal('Stalled');
    expect(await served.backups.files()).to.deep.equal([]);
  });

  it('is broken off on request and leaves nothing behind', async () => {
    const { path, backups, server } = await serve(shape);
    for (const way of ['http', 'local']) {
      const stop = new AbortController();
      const client = new HttpClient({ signal: stop.signal });
      const transport =
        way === 'http'
          ? new HttpTransport(new URL(`${server.url}/app.git`), client)
          : new LocalTransport(path, { signal: stop.signal });
      const reason = new HoldfastError('Interrupted', 'the time is up');
      const onProgress = (bytes: number) => {
        if (bytes > 50_000) stop.abort(reason);
      };
      const taking = backups.take(transport, { signal: stop.signal, onProgress, options: { retry: thrice } });
      expect(await failureOf(taking)).to.equal(reason);
      expect(await backups.files()).to.deep.equal([]);
      client.close();
    }
  });

  it('repeats what the server says when it gives up', async () => {
    const served = await serve(shape);
    served.server.faults.push(sideBandError({ after: 3_000, message: 'fatal: repository \u001b[31mcorrupt\n' }));
    const error = await failureOf(served.take());
    expect(error).to.include({ code: 'RemoteRefused', transient: true });
    expect(error.message).to.equal('the Git server gave up: fatal: repository \\x1b[31mcorrupt');
    expect(await served.backups.files()).to.deep.equal([]);
  });

  const faults = {
    Truncated: () => cutBody({ after: 10_000, ending: 'reset' }, { times: 1, on: 'fetch' }),
    Corrupt: () => flipByte({ at: 10_000, within: 'pack' }, { times: 1, on: 'fetch' }),
    Stalled: () => cutBody({ after: 10_000, ending: 'stall' }, { times: 1, on: 'fetch' }),
    RemoteRefused: () => sideBandError({ after: 10_000, message: 'sorry' }, { times: 1, on: 'fetch' }),
  };
  for (const [code, fault] of Object.entries(faults))
    it(`is begun again, and the snapshot then holds nothing of the first attempt: ${code}`, async () => {
      const served = await (code === 'Stalled' ? serveLessImpatiently : serve)(shape);
      served.server.faults.push(fault());
      const progress: number[] = [];
      const taken = await served.takeThrice({ onProgress: (bytes) => progress.push(bytes) });
      expect(new Set(taken.retries.map((error) => error.code))).to.deep.equal(new Set([code]));
      await served.backups.expectRestorable(taken, served.path);
      expect(await served.backups.files()).to.have.length(3);
      expect(progress.at(-1)).to.equal(taken.manifest.data[0]!.bytes);
      // Each attempt begins with the same header.
      expect(progress.filter((bytes) => bytes === progress[0])).to.have.length.above(1);
    });

  it('fails loud after the last attempt and keeps the snapshot before as the newest', async () => {
    const served = await serve(shape);
    const good = await served.take();
    const files = await served.backups.files();
    await addCommit(served.path);
    served.server.faults.push(cutBody({ after: 100, ending: 'close' }));
    const before = served.server.requests.length;
    expect((await failureOf(served.takeThrice())).code).to.equal('Truncated');
    expect(served.server.requests.slice(before).filter(({ kind }) => kind === 'fetch')).to.have.length(3);
    expect(await served.backups.files()).to.deep.equal(files);
    served.server.faults.pop();
    expect((await served.take({ options: { heaviestChain: 9 } })).manifest.parent?.snapshot).to.equal(
      good.manifest.snapshot,
    );
  });
});
