import { expect } from 'chai';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { thrice } from '../../../support/backups.ts';
import { FaultyVault } from '../../../support/faulty-vault.ts';
import { failWith, flipByte } from '../../../support/git-faults.ts';
import { addCommit, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../support/streams.ts';
import { fates, useAccounts, type Account } from './account.ts';

describe('a run', () => {
  const folder = useTemporaryFolders();
  const newAccount = useAccounts(folder);

  it('tells what became of every item, each once, and stores just that', async () => {
    const account = await newAccount('grows', 'stays', 'private-stays', 'disabled', 'dmca', 'vanishes', 'left-out');
    await account.github.addRepository('acme/empty', { shape: { commits: 0 } });
    const settings = { exclude: ['left-*'] };
    const run = account.nextRun();
    const first = await account.run({ settings, run });
    expect(first).to.deep.include({ result: 'complete', run, source: 'github', warnings: [] });
    expect(first.coverage).to.deep.equal({ listed: 8, stored: 7, unchanged: 0, skipped: 1, failed: 0 });
    expect(await account.stored(run, 'report')).to.deep.equal(first);

    for (const repository of account.github.repositories) {
      if (repository.fullName === 'acme/grows') await addCommit(repository.path);
      if (repository.fullName === 'acme/disabled') repository.state = 'disabled';
      if (repository.fullName === 'acme/dmca') repository.state = 'dmca';
      if (repository.fullName === 'acme/vanishes') repository.state = 'vanished';
    }
    await account.github.addRepository('acme/new', { shape: { commits: 1, seed: 'new' } });
    const next = account.nextRun();
    const second = await account.run({ settings, run: next });
    expect(fates(second)).to.deep.equal({
      grows: 'incremental',
      stays: 'unchanged',
      'private-stays': 'unchanged',
      disabled: 'AccessDenied',
      dmca: 'SourceBlocked',
      vanishes: 'SourceMissing',
      'left-out': 'skipped',
      empty: 'unchanged',
      new: 'full',
    });
    expect(second.coverage).to.deep.equal({ listed: 9, stored: 2, unchanged: 3, skipped: 1, failed: 3 });
    expect(second.result).to.equal('partial');
    expect(second.bytes).to.equal(
      second.items.reduce((sum, item) => sum + (item.outcome === 'stored' ? item.bytes : 0), 0),
    );
    expect(await account.stored(next, 'report')).to.deep.equal(second);
    expect(await account.stored(next, 'inventory'))
      .to.have.property('listed')
      .with.length(9);
    const snapshots = await account.expectSound();
    expect(snapshots.get('github/acme/disabled')).to.deep.equal([run]);
  });

  it('goes on with all others where one repository fails', async () => {
    const account = await newAccount('a', 'b', 'c', 'd', 'e', 'f');
    account.github.faults.push(flipByte({ at: 20, within: 'pack' }, { on: 'fetch', path: /acme\/a\.git/ }));
    account.github.faults.push(failWith({ status: 503 }, { path: /acme\/d\.git/ }));
    const finished: string[] = [];
    const report = await account.run({
      concurrency: 2,
      observer: { finished: ({ item, outcome }) => finished.push(`${item.path[1]} ${outcome}`) },
    });
    expect(fates(report)).to.deep.equal({ a: 'Corrupt', b: 'full', c: 'full', d: 'Unavailable', e: 'full', f: 'full' });
    expect(report.result).to.equal('partial');
    expect(finished).to.have.members(['a failed', 'b stored', 'c stored', 'd failed', 'e stored', 'f stored']);
    expect([...(await account.expectSound()).keys()]).to.have.length(4);
  });

  it('in which every repository fails has failed', async () => {
    const account = await newAccount('a', 'b');
    account.github.faults.push(failWith({ status: 503 }, { path: /\.git/ }));
    const report = await account.run();
    expect(report.result).to.equal('failed');
    expect(report.coverage).to.deep.equal({ listed: 2, stored: 0, unchanged: 0, skipped: 0, failed: 2 });
  });

  it('that gets no list of repositories stores a report that says why', async () => {
    const account = await newAccount('a');
    account.github.faults.push(failWith({ status: 500 }, { on: 'api' }));
    const run = account.nextRun();
    const report = await account.run({ run });
    expect(report).to.deep.include({ result: 'failed', items: [] });
    expect(report.error?.code).to.equal('Unavailable');
    expect(await account.stored(run, 'report')).to.deep.equal(report);
  });

  it('that is interrupted keeps what it has, stores a report, and the next one does the rest', async () => {
    const account = await newAccount('a', 'b', 'c', 'd', 'e');
    const controller = new AbortController();
    let finished = 0;
    const run = account.nextRun();
    const report = await account.run({
      run,
      concurrency: 1,
      signal: controller.signal,
      observer: {
        finished: () => {
          if (++finished === 2) controller.abort(new HoldfastError('Interrupted', 'stopped by a test'));
        },
      },
    });
    expect(report.result).to.equal('interrupted');
    expect(report.coverage).to.deep.equal({ listed: 5, stored: 2, unchanged: 0, skipped: 0, failed: 3 });
    expect(Object.values(fates(report))).to.deep.equal(['full', 'full', 'Interrupted', 'Interrupted', 'Interrupted']);
    expect(await account.stored(run, 'report')).to.deep.equal(report);
    expect([...(await account.expectSound()).keys()]).to.have.length(2);
    const next = await account.run();
    expect(next.coverage).to.deep.equal({ listed: 5, stored: 3, unchanged: 2, skipped: 0, failed: 0 });
    expect(next.result).to.equal('complete');
  });

  it('of which a program was stopped is interrupted, though nothing has asked the run itself to stop', async () => {
    const account = await newAccount('a', 'b');
    const source = account.source();
    const open = source.open.bind(source);
    source.open = (item, ...rest) => {
      if (item.name.endsWith('/a')) throw new HoldfastError('Interrupted', 'git fetch was ended by SIGTERM');
      return open(item, ...rest);
    };
    const report = await account.run({ source });
    expect(report.result).to.equal('interrupted');
    expect(fates(report)).to.deep.equal({ a: 'Interrupted', b: 'full' });
  });

  it('that is interrupted while it lists stores a report, too', async () => {
    const account = await newAccount('a');
    const source = account.source();
    const run = account.nextRun();
    const report = await account.run({
      run,
      source: {
        ...{ source: source.source, feeds: source.feeds, close: () => source.close() },
        inventory: () => Promise.reject(new HoldfastError('Interrupted', 'stopped by a test')),
      },
    });
    expect(report).to.deep.include({ result: 'interrupted', items: [] });
    expect(await account.stored(run, 'report')).to.deep.equal(report);
  });

  it('whose report cannot be stored fails loudly, and keeps its snapshots', async () => {
    const account = await newAccount('a');
    const vault = new FaultyVault(account.vault, [{ at: /report\.json$/, moment: 'before', transient: false }]);
    expect((await failureOf(account.run({ vault }))).code).to.equal('StorageFailed');
    expect([...(await account.expectSound()).keys()]).to.deep.equal(['github/acme/a']);
  });

  it('follows a repository that was renamed since it was listed, and keeps its history', async () => {
    const account = await newAccount('before', 'other');
    const run = account.nextRun();
    await account.run({ run });
    const [repository] = account.github.repositories;
    await addCommit(repository!.path);
    const rename = async (): Promise<void> => {
      account.github.rename(repository!, 'acme/after');
      // GitHub redirects the old name until another repository has taken it.
      account.github.delete(await account.github.addRepository('acme/before'));
    };
    let renamed: Promise<void> | undefined;
    const source = account.source();
    const report = await account.run({
      source: {
        source: source.source,
        async inventory() {
          const inventory = await source.inventory();
          await (renamed ??= rename());
          return inventory;
        },
        feeds: source.feeds,
        close: () => source.close(),
      },
    });
    expect(report.result).to.equal('complete');
    const [followed] = report.items;
    expect(followed).to.deep.include({ outcome: 'stored', kind: 'incremental', prefix: 'github/acme/after/' });
    expect(followed?.item.name).to.equal('acme/after');
    expect(followed?.outcome === 'stored' ? followed.warnings.join() : '').to.match(/renamed: .*acme\/before/);
    await account.expectSound();
  });

  it('does not follow a repository that is gone', async () => {
    const account = await newAccount('stays', 'goes');
    const [, gone] = account.github.repositories;
    const report = await account.run({
      observer: { inventory: () => account.github.delete(gone!) },
    });
    expect(fates(report)).to.deep.equal({ stays: 'full', goes: 'SourceMissing' });
  });
});

describe('a run that is watched by something that fails', () => {
  const folder = useTemporaryFolders();
  const newAccount = useAccounts(folder);

  for (const told of ['inventory', 'progress', 'finished'] as const)
    it(`stores all that it would have stored, and says so: ${told}`, async () => {
      const account = await newAccount('a', 'b', 'c');
      const fail = (): never => {
        throw new Error('the terminal is gone');
      };
      const report = await account.run({ observer: { [told]: fail } });
      expect(fates(report)).to.deep.equal({ a: 'full', b: 'full', c: 'full' });
      expect(report.result).to.equal('complete');
      expect(report.warnings.join()).to.include('the terminal is gone');
      expect(await account.stored(report.run, 'report')).to.deep.equal(report);
      await account.expectSound();
    });

  it('stores its report although storage fails for a moment', async () => {
    const account = await newAccount('a');
    const vault = new FaultyVault(account.vault);
    let failures = 2;
    const create = vault.create.bind(vault);
    vault.create = (key, content) => {
      if (!key.endsWith('report.json')) return create(key, content);
      if (failures-- > 0) return Promise.reject(new HoldfastError('StorageFailed', 'not now', { transient: true }));
      return account.vault.create(key, content);
    };
    const report = await account.run({ vault, options: { ...defaultBackupOptions, retry: thrice } });
    expect(await account.stored(report.run, 'report')).to.deep.equal(report);
  });
});

describe('two runs', () => {
  const folder = useTemporaryFolders();
  const newAccount = useAccounts(folder);

  const change = async (account: Account): Promise<void> => {
    for (const { path, fullName } of account.github.repositories) if (fullName !== 'acme/stays') await addCommit(path);
  };

  it('over the same items at the same time both end well, and leave a sound vault', async () => {
    const account = await newAccount('a', 'b', 'stays');
    for (let round = 0; round < 3; round++) {
      const reports = await Promise.all([account.run(), account.run()]);
      expect(reports.map(({ result }) => result)).to.deep.equal(['complete', 'complete']);
      await change(account);
    }
    const last = await account.run();
    expect(fates(last)).to.deep.equal({ a: 'incremental', b: 'incremental', stays: 'unchanged' });
    const snapshots = await account.expectSound();
    for (const taken of snapshots.values()) expect(taken).to.have.length(7);
  });

  it('of which the second asks for the id of the first have ids and reports of their own', async () => {
    const account = await newAccount('a', 'b', 'c');
    const run = account.nextRun();
    account.github.faults.push(failWith({ status: 503 }, { path: /acme\/b\.git/, times: 1 }));
    const first = await account.run({ run });
    expect(first).to.include({ run, result: 'partial' });
    const second = await account.run({ run });
    expect(second.result).to.equal('complete');
    expect(second.run > run).to.equal(true);
    expect(fates(second)).to.deep.equal({ a: 'unchanged', b: 'full', c: 'unchanged' });
    expect(await account.stored(run, 'report')).to.deep.equal(first);
    expect(await account.stored(second.run, 'report')).to.deep.equal(second);
    await account.expectSound();
  });

  it('that ask for the same id at the same time both end well, and leave a sound vault', async () => {
    const account = await newAccount('a', 'b', 'c');
    await account.run();
    await change(account);
    const run = account.nextRun();
    const reports = await Promise.all([account.run({ run }), account.run({ run })]);
    expect(reports.map(({ result }) => result)).to.deep.equal(['complete', 'complete']);
    expect(new Set(reports.map((report) => report.run)).size).to.equal(2);
    await account.expectSound();
  });
});
