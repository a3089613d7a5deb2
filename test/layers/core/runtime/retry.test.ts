import { expect } from 'chai';
import { syncBuiltinESMExports } from 'node:module';
import sinon from 'sinon';
import { HoldfastError } from '#core/runtime/errors.ts';
import { defaultRetryPolicy, retry } from '#core/runtime/retry.ts';
import { failureOf } from '../../../support/streams.ts';

const policy = { attempts: 4, firstWaitMs: 1_000, longestWaitMs: 60_000 };

describe('retry', () => {
  let clock: sinon.SinonFakeTimers;
  /** When each attempt was made, in milliseconds. */
  let attempts: number[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 0, shouldClearNativeTimers: true });
    syncBuiltinESMExports();
    attempts = [];
  });

  afterEach(() => {
    clock.restore();
    syncBuiltinESMExports();
  });

  /** Fails with these errors in turn, then succeeds. */
  const failing =
    (...errors: Error[]) =>
    (attempt: number): Promise<string> => {
      expect(attempt).to.equal(attempts.push(Date.now()));
      return errors[0] ? Promise.reject(errors.shift()!) : Promise.resolve('done');
    };
  const transient = (retryAfterMs?: number) =>
    new HoldfastError('Unavailable', 'not now', { transient: true, retryAfterMs });

  async function finish<T>(running: Promise<T>): Promise<T> {
    running.catch(() => undefined);
    await clock.runAllAsync();
    return running;
  }

  const waits = () => attempts.slice(1).map((time, index) => time - (attempts[index] ?? 0));

  it('tries once when that succeeds', async () => {
    expect(await finish(retry(failing(), policy))).to.equal('done');
    expect(attempts).to.have.length(1);
  });

  it('tries again after transient errors, waiting longer each time, and tells of each', async () => {
    const told: [string, number][] = [];
    const onRetry = (error: HoldfastError, attempt: number) => void told.push([error.code, attempt]);
    const running = retry(failing(transient(), transient(), transient()), policy, { onRetry });
    expect(await finish(running)).to.equal('done');
    expect(told).to.deep.equal([1, 2, 3].map((attempt) => ['Unavailable', attempt]));
    for (const [index, wait] of waits().entries())
      expect(wait, `wait ${index}`)
        .to.be.at.least(1_000 * 2 ** index)
        .and.at.most(2_000 * 2 ** index);
  });

  it('waits longer by the first wait each time where that is the policy', async () => {
    const running = retry(failing(transient(), transient(), transient()), { ...policy, growth: 'steady' });
    expect(await finish(running)).to.equal('done');
    for (const [index, wait] of waits().entries())
      expect(wait, `wait ${index}`)
        .to.be.at.least(1_000 * (index + 1))
        .and.at.most(2_000 * (index + 1));
  });

  it('jitters each wait', async () => {
    const first: number[] = [];
    for (let run = 0; run < 20; run++) {
      attempts = [];
      await finish(retry(failing(transient()), policy));
      first.push(waits()[0] ?? 0);
    }
    expect(new Set(first).size).to.be.above(1);
  });

  it('throws the last error as it was when it has tried often enough', async () => {
    const errors = Array.from({ length: 4 }, () => transient());
    const told: unknown[] = [];
    const running = retry(failing(...errors), policy, { onRetry: (error) => told.push(error) });
    expect(await failureOf(finish(running))).to.equal(errors[3]);
    expect(attempts).to.have.length(4);
    expect(told).to.deep.equal(errors.slice(0, 3));
  });

  it('does not try again after an error that would come again', async () => {
    for (const error of [new HoldfastError('AccessDenied', 'no'), new TypeError('a fault of ours'), new Error('any')]) {
      attempts = [];
      const seen: unknown = await finish(retry(failing(error), policy)).catch((thrown: unknown) => thrown);
      expect(seen).to.equal(error);
      expect(attempts).to.have.length(1);
    }
  });

  it('waits as long as the other side asks, but never longer than the policy allows', async () => {
    expect(await finish(retry(failing(transient(30_000)), policy))).to.equal('done');
    expect(waits()[0]).to.be.at.least(30_000).and.at.most(32_000);
    attempts = [];
    expect(await finish(retry(failing(transient(3_600_000)), policy))).to.equal('done');
    expect(waits()[0]).to.be.at.least(60_000).and.at.most(62_000);
  });

  it('stops on request while it waits, and does not begin when the request came before', async () => {
    const reason = new HoldfastError('Interrupted', 'the time is up');
    for (const retryAfterMs of [undefined, 30_000]) {
      attempts = [];
      const controller = new AbortController();
      const running = failureOf(retry(failing(transient(retryAfterMs)), policy, { signal: controller.signal }));
      await clock.tickAsync(10);
      controller.abort(reason);
      expect(await running).to.equal(reason);
      expect(attempts).to.have.length(1);
    }
    attempts = [];
    const never = retry(failing(), policy, { signal: AbortSignal.abort() });
    expect((await failureOf(never)).code).to.equal('Interrupted');
    expect(attempts).to.have.length(0);
  });

  it('waits by default for what throttled servers need', () => {
    expect(defaultRetryPolicy.attempts).to.be.at.least(3);
    expect(defaultRetryPolicy.longestWaitMs).to.be.at.least(60_000);
  });
});
