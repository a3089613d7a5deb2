import { expect } from 'chai';
import sinon from 'sinon';
import { RequestBudget } from '#core/sources/github/request-budget.ts';
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

  it('lets no more requests through in a minute than it has', async () => {
    const budget = budgetOf(30);
    let sent = 0;
    const all = Promise.all(
      Array.from({ length: 70 }, () =>
        budget.run(() => {
          sent += 1;
          return Promise.resolve();
        }),
      ),
    );
    await clock.tickAsync(59_000);
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
    const all = Promise.all([budget.run(request), budget.run(request), budget.run(request)]);
    await clock.tickAsync(1000);
    await all;
    expect(most).to.equal(1);
    budget.close();
  });

  it('drops the requests that wait when it is interrupted', async () => {
    const stop = new AbortController();
    const budget = budgetOf(1, stop.signal);
    await Promise.all([budget.run(() => Promise.resolve()), clock.tickAsync(10)]);
    const waiting = failureOf(budget.run(() => Promise.reject(new Error('must not be sent'))));
    await clock.tickAsync(10);
    stop.abort();
    await clock.tickAsync(10);
    expect((await waiting).code).to.equal('Interrupted');
    budget.close();
  });
});
