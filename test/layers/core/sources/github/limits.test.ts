import { expect } from 'chai';
import type { HoldfastError } from '#core/runtime/errors.ts';
import type { GitHubSource } from '#core/sources/github/github-source.ts';
import { secondaryLimit } from '../../../../support/github/api.ts';
import type { GitHub } from '../../../../support/github-server.ts';
import { cutBody, failWith, slowBody } from '../../../../support/git-faults.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, sourceOver, startStage, token, type SourceSettings } from './stage.ts';

/** Retry-After of 1 ms: the header takes fractions as well as we do. */
const soon = 0.001;

describe('limits and failures of GitHub', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  before(async () => {
    github = await startStage(await folder());
    await github.addRepository('acme/app', { shape: { commits: 1 } });
  });

  beforeEach(() => {
    github.requests.length = 0;
    github.faults.length = 0;
    Object.assign(github.rateLimit(token), { limit: 5000, used: 0, reset: 0, status: 403 });
  });

  after(() => github.close());

  const acme = (options: SourceSettings = {}): GitHubSource =>
    sourceOver(github, { settings: { owner: 'acme' }, ...options });
  const statuses = () => github.requests.map(({ status }) => status);

  for (const status of [403, 429] as const) {
    it(`waits as Retry-After asks when the secondary limit answers ${status}`, async () => {
      github.faults.push(secondaryLimit({ retryAfter: soon, status }, { times: 2 }));
      const told: HoldfastError[] = [];
      const { listed } = await acme({ onRetry: (error) => told.push(error) }).inventory();
      expect(listed).to.have.length(1);
      expect(statuses()).to.deep.equal([status, status, 200, 200, 200]);
      expect(told.map(({ code, retryAfterMs }) => [code, retryAfterMs])).to.deep.equal([
        ['RateLimited', 1],
        ['RateLimited', 1],
      ]);
    });
  }

  it('takes a limit for one whatever its message says', async () => {
    github.faults.push(failWith({ status: 403, retryAfter: soon, body: 'slow down' }, { times: 1 }));
    expect((await acme().inventory()).listed).to.have.length(1);
  });

  it('gives up a limit after four tries', async () => {
    github.faults.push(secondaryLimit({ retryAfter: soon }));
    const error = await failureOf(acme().inventory());
    expect(error.code).to.equal('RateLimited');
    expect(error.message).to.include('secondary rate limit').and.include('the account acme');
    expect(statuses()).to.deep.equal([403, 403, 403, 403]);
  });

  it('fails at once where GitHub asks for a longer wait than is allowed', async () => {
    github.faults.push(secondaryLimit({ retryAfter: 3600 }));
    const error = await failureOf(acme().inventory());
    expect(error.code).to.equal('RateLimited');
    expect(error.retryAfterMs).to.equal(3_600_000);
    expect(error.transient).to.be.false;
    expect(statuses()).to.deep.equal([403]);
  });

  it('waits at least a minute where the secondary limit does not say how long', async () => {
    const body = JSON.stringify({ message: 'You have exceeded a secondary rate limit.' });
    github.faults.push(failWith({ status: 403, headers: { 'content-type': 'application/json' }, body }));
    const error = await failureOf(acme().inventory());
    expect(error.retryAfterMs).to.equal(60_000);
    expect(statuses()).to.deep.equal([403]);
  });

  it('waits until the primary limit is reset', async () => {
    const now = Math.floor(Date.now() / 1000);
    Object.assign(github.rateLimit(token), { used: 5000, reset: now + 1 });
    expect((await acme().inventory()).listed).to.have.length(1);
    expect(statuses()).to.deep.equal([403, 200, 200, 200]);
  });

  it('asks nothing more once the primary limit is used up, and says until when', async () => {
    Object.assign(github.rateLimit(token), { used: 4999, reset: Math.floor(Date.now() / 1000) + 3000 });
    const source = acme();
    const error = await failureOf(source.inventory());
    expect(error.code).to.equal('RateLimited');
    expect(error.message).to.match(/before \d{4}-/);
    expect((await failureOf(source.inventory())).code).to.equal('RateLimited');
    expect(statuses()).to.deep.equal([200]);
  });

  it('fails at once where the primary limit is used up and its reset far away', async () => {
    Object.assign(github.rateLimit(token), { used: 5000, reset: Math.floor(Date.now() / 1000) + 3000, status: 429 });
    const error = await failureOf(acme().inventory());
    expect(error.code).to.equal('RateLimited');
    expect(error.retryAfterMs).to.be.within(2_900_000, 3_100_000);
    expect(statuses()).to.deep.equal([429]);
  });

  it('repeats requests that fail on the side of GitHub', async () => {
    github.faults.push(failWith({ status: 502, body: '<html>' }, { times: 1 }));
    github.faults.push(failWith({ status: 503, retryAfter: soon }, { times: 1 }));
    github.faults.push(cutBody({ after: 40, ending: 'reset' }, { on: 'api', times: 1 }));
    expect((await acme().inventory()).listed).to.have.length(1);
    expect(statuses()).to.deep.equal([502, 503, 200, 200, 200, 200]);
  });

  it('repeats a request whose answer is not whole JSON', async () => {
    github.faults.push(cutBody({ after: 40, ending: 'end' }, { on: 'api', times: 1 }));
    expect((await acme().inventory()).listed).to.have.length(1);
  });

  it('fails after four tries where GitHub stays unavailable', async () => {
    github.faults.push(failWith({ status: 500 }));
    const error = await failureOf(acme().inventory());
    expect(error.code).to.equal('Unavailable');
    expect(statuses()).to.deep.equal([500, 500, 500, 500]);
  });

  it('does not repeat what cannot succeed', async () => {
    github.faults.push(failWith({ status: 422 }));
    expect((await failureOf(acme().inventory())).code).to.equal('Unavailable');
    expect(statuses()).to.deep.equal([422]);
  });

  it('fails an answer that takes too long in all, though it never stalls', async () => {
    github.faults.push(slowBody({ bytesPerSecond: 5000 }, { on: 'api' }));
    const retry = { attempts: 1, firstWaitMs: 1, longestWaitMs: 1 };
    const error = await failureOf(acme({ requestTimeoutMs: 1, retry }).inventory());
    expect(error.code).to.equal('Stalled');
  });

  it('can be interrupted while it waits', async () => {
    github.faults.push(secondaryLimit({ retryAfter: 100 }));
    const stop = new AbortController();
    const retry = { attempts: 2, firstWaitMs: 1, longestWaitMs: 200_000 };
    const source = acme({ retry, signal: stop.signal, onRetry: () => setTimeout(() => stop.abort(), 10) });
    expect((await failureOf(source.inventory())).code).to.equal('Interrupted');
  });
});
