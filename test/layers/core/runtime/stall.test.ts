import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import sinon from 'sinon';
import { HttpClient } from '#core/runtime/http.ts';
import { failOnStall } from '#core/runtime/stall.ts';
import { collect, failureOf } from '../../../support/streams.ts';

const limit = 60_000;
const almost = limit - 1_000;

/** Time passes only when a test says so; sockets and streams are real. */
describe('a stall', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });

  afterEach(() => clock.restore());

  it('is noticed where bytes come one by one for longer than the whole may take, and where they are many it is none', async () => {
    for (const [bytes, expected] of [
      [1, 'destroyed'],
      [1 << 20, 'going on'],
    ] as const) {
      const source = new PassThrough();
      const read = collect(failOnStall(source, limit, 'the server', () => 0, 2 * limit)).then(
        () => undefined,
        (error: unknown) => error,
      );
      for (let time = 0; time < 10 && !source.destroyed; time++) {
        source.write(Buffer.alloc(bytes));
        await turn();
        clock.tick(limit / 4);
        await turn();
      }
      expect(source.destroyed ? 'destroyed' : 'going on').to.equal(expected);
      source.end();
      source.resume();
      const error = await read;
      if (expected === 'destroyed') expect(error).to.include({ code: 'Stalled', transient: true });
      else expect(error).to.equal(undefined);
    }
  });

  it('is noticed when no chunk comes for the limit, and not before', async () => {
    const source = new PassThrough();
    const read = failureOf(collect(failOnStall(source, limit, 'the server')));
    for (let time = 0; time < 5; time++) {
      source.write('more');
      await turn();
      clock.tick(almost);
      await turn();
    }
    expect(source.destroyed).to.equal(false);
    clock.tick(limit);
    const error = await read;
    expect(error).to.include({ code: 'Stalled', transient: true });
    expect(error.message).to.equal('the server sent nothing for 60 s');
    expect(source.destroyed).to.equal(true);
    expect(clock.countTimers()).to.equal(0);
  });

  it('is not the time that the consumer takes', async () => {
    const source = new PassThrough();
    source.write('one');
    const parts: string[] = [];
    for await (const chunk of failOnStall(source, limit, 'the server')) {
      parts.push(chunk.toString());
      clock.tick(10 * limit);
      await turn();
      if (parts.length === 1) source.end('two');
    }
    expect(parts).to.deep.equal(['one', 'two']);
    expect(clock.countTimers()).to.equal(0);
  });

  it('leaves no timer behind when the consumer leaves or the source fails', async () => {
    const left = new PassThrough();
    left.write('more');
    for await (const _ of failOnStall(left, limit, 'the server')) break;
    expect(left.destroyed).to.equal(true);
    const failed = new PassThrough();
    const read = collect(failOnStall(failed, limit, 'the server')).catch((error: unknown) => error);
    const reason = new Error('broken');
    failed.destroy(reason);
    expect(await read).to.equal(reason);
    expect(clock.countTimers()).to.equal(0);
  });

  describe('of a request', () => {
    const MiB = 1 << 20;

    /** Sends four chunks, letting much more than the limit pass after each. */
    async function sendSlowly(beginAtOnce: boolean): Promise<string> {
      let received = 0;
      const server = createServer((request, response) => {
        if (beginAtOnce) response.writeHead(200).flushHeaders();
        request.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end('taken'));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const client = new HttpClient({ stallMs: limit });
      const slow = async function* (): AsyncGenerator<Buffer> {
        for (let time = 0; time < 4; time++) {
          yield Buffer.alloc(MiB);
          while (received < (time + 1) * MiB) await turn();
          for (let turns = 0; turns < 20; turns++) await turn();
          clock.tick(10 * limit);
        }
      };
      try {
        const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`);
        const answer = await client.send({ method: 'POST', url, body: { length: 4 * MiB, chunks: slow() } });
        const said = (await collect(answer.body)).toString();
        for (let turns = 0; turns < 100 && clock.countTimers() > 0; turns++) await turn();
        expect(clock.countTimers()).to.equal(0);
        return said;
      } finally {
        client.close();
        server.close();
        await once(server, 'close');
      }
    }

    it('is not the time that its own body takes to come', async () => {
      expect(await sendSlowly(false)).to.equal('taken');
    });

    it('is not the silence of an answer that began while the body was still on its way', async () => {
      expect(await sendSlowly(true)).to.equal('taken');
    });
  });
});
