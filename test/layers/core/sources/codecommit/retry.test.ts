import { expect } from 'chai';
import { syncBuiltinESMExports } from 'node:module';
import sinon from 'sinon';
import { openDeployedCodeCommit } from '#core/sources/codecommit/deployed.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { retry } from '#core/runtime/retry.ts';
import { codeCommitRetryPolicy } from '#core/sources/codecommit/retry.ts';

describe('a fetch that CodeCommit throttles', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 0, shouldClearNativeTimers: true });
    syncBuiltinESMExports();
  });
  afterEach(() => {
    clock.restore();
    syncBuiltinESMExports();
  });

  it('waits 5, 10, 15 and 20 seconds or up to twice as long, and then fails', async () => {
    const tried: number[] = [];
    const throttled = new HoldfastError('RateLimited', 'Rate Exceeded', { transient: true });
    const running = retry(() => {
      tried.push(Date.now());
      return Promise.reject(throttled);
    }, codeCommitRetryPolicy).catch((error: unknown) => error);
    await clock.runAllAsync();
    expect(await running).to.equal(throttled);
    const waits = tried.slice(1).map((time, at) => (time - (tried[at] ?? 0)) / 1000);
    expect(waits).to.have.length(4);
    for (const [at, due] of [5, 10, 15, 20].entries())
      expect(waits[at], `wait ${at}`)
        .to.be.at.least(due)
        .and.at.most(2 * due);
  });

  it('does so in a deployment', () => {
    const deployed = openDeployedCodeCommit({
      env: { HOLDFAST_BUCKET: 'vault', HOLDFAST_SETTINGS: JSON.stringify({ regions: ['us-east-1'] }) },
      signal: new AbortController().signal,
    });
    deployed.close();
    expect(deployed.options.retry).to.equal(codeCommitRetryPolicy);
  });
});
