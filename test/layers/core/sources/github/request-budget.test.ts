import { expect } from 'chai';
import sinon from 'sinon';
import { pauseMs, quietMs } from '#core/sources/hosting/rate-limit.ts';
import { RequestBudget } from '#core/sources/hosting/request-budget.ts';
import { failureOf } from './stage.ts';

describe('request budget', () => {
  let clock: sinon.SinonFakeTimers;

  before(() => import('bottleneck'));

  beforeEach(() => {
    clock = sinon.useFakeTimers({ shouldAdvanceTime: false });
  });

  afterEach(() => clock.restore());

  const budgetOf = (requestsPerMinute: number, signal?: AbortSignal) =>
    new RequestBudget({ requestsPerMinute, longestWaitMs: 1000, signal });

  /** Lets time pass until a promise is settled; loading a module takes real time besides. */
  async function settled<T>(promise: Promise<T>): Promise<T> {
    const state = { pending: true };
    const watched = promise.finally(() => (state.pending = false));
    watched.catch(() => undefined);
    while (state.pending) await clock.tickAsync(10);
    return watched;
  }

  it('lets no more requests through in a minute than it has', async () => {
    const budget = budgetOf(30);
    await settled(budget.run(() => Promise.resolve()));
    let sent = 1;
    const all = Promise.all(
      Array.from({ length: 69 }, () =>
        budget.run(() => {
          sent += 1;
          return Promise.resolve();
        }),
      ),
    );
    await clock.tickAsync(50_000);
    expect(sent).to.equal(30);
    await clock.tickAsync(60_000);
    expect(sent).to.equal(60);
    await clock.tickAsync(60_000);
    await all;
    expect(sent).to.equal(70);
    budget.close();
  });

  it('sends one request at a time', async () => {
    const budget = budgetOf(100);
    let running = 0;
    let most = 0;
    const request = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
    };
    await settled(Promise.all([budget.run(request), budget.run(request), budget.run(request)]));
    expect(most).to.equal(1);
    budget.close();
  });

  it('drops the requests that wait when it is interrupted', async () => {
    const stop = new AbortController();
    const budget = budgetOf(1, stop.signal);
    await settled(budget.run(() => Promise.resolve()));
    const waiting = failureOf(budget.run(() => Promise.reject(new Error('must not be sent'))));
    await clock.tickAsync(10);
    stop.abort();
    expect((await settled(waiting)).code).to.equal('Interrupted');
    budget.close();
  });

  describe('by what the host says of its limit', () => {
    const headers = (remaining: number, resetInSeconds = 1800) => ({
      date: new Date(0).toUTCString(),
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(resetInSeconds),
    });

    it('waits for its reset once only the share is left that others are to have', () => {
      expect(quietMs(headers(501), 0.1)).to.equal(undefined);
      expect(quietMs(headers(500), 0.1)).to.equal(1_801_000);
      expect(quietMs(headers(1))).to.equal(undefined);
      expect(quietMs(headers(0))).to.equal(1_801_000);
    });

    it('spreads what is left over the time that it has to last, once half of it is spent', () => {
      expect(pauseMs(headers(4000), 0.1)).to.equal(0);
      expect(pauseMs(headers(1400), 0.1)).to.be.closeTo(2001, 1);
      expect(pauseMs(headers(400), 0.1)).to.equal(0);
      expect(pauseMs({}, 0.1)).to.equal(0);
    });

    it('refuses a request that would have to wait longer than is tolerated', async () => {
      const budget = new RequestBudget({
        requestsPerMinute: 100,
        longestWaitMs: 1000,
        signal: undefined,
        reserve: 0.1,
      });
      budget.heed(headers(20));
      expect((await settled(failureOf(budget.run(() => Promise.resolve())))).code).to.equal('RateLimited');
      budget.close();
    });
  });
});
