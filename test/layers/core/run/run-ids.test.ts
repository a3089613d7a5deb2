import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { runBackup } from '#core/run/run.ts';
import { takeInventoryOf } from '#core/run/take-inventory.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { PlainGitSource } from '#core/sources/git/git-source.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { codeOf } from '../../../support/vault-content.ts';

const run = '2026-11-20T101500.123Z';

/** A source whose token is no longer valid. */
const failing: ListedSource = {
  source: 'git',
  inventory: () => Promise.reject(new HoldfastError('AccessDenied', 'the token is not valid')),
  feeds: {},
  close: () => undefined,
};

describe('runs that begin in the same millisecond', () => {
  const folder = useTemporaryFolders();

  async function stage() {
    const place = await folder();
    const vault = new FolderVault(path.join(place, 'vault'));
    const source = async (name: string): Promise<ListedSource> =>
      new PlainGitSource({
        addresses: [await createRepository(path.join(place, `${name}.git`), { commits: 1 })],
        netrc: new Map(),
      });
    const backUp = (of: ListedSource) =>
      runBackup({ source: of, vault, options: defaultBackupOptions, run, concurrency: 2, largestShrinkage: 0.5 });
    const latest = async (): Promise<unknown> =>
      JSON.parse(await readFile(path.join(vault.location, 'runs', 'git', 'latest.json'), 'utf8'));
    return { vault, source, backUp, latest };
  }

  it('each back up their own items under their own ids', async () => {
    const { source, backUp } = await stage();
    const sources = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(source));
    const reports = await Promise.all(sources.map(backUp));
    expect(new Set(reports.map((report) => report.run)).size).to.equal(5);
    for (const [at, { result, items }] of reports.entries()) {
      expect(result).to.equal('complete');
      expect(items.map(({ item }) => path.basename(item.name))).to.deep.equal([`${'abcde'[at]!}.git`]);
    }
  });

  it('both report where neither could list', async () => {
    const { backUp, vault } = await stage();
    const reports = [await backUp(failing), await backUp(failing)];
    expect(new Set(reports.map((report) => report.run)).size).to.equal(2);
    const keys: string[] = [];
    for await (const { key } of vault.list('runs/')) keys.push(key);
    expect(keys.filter((key) => key.endsWith('/report.json'))).to.have.length(2);
  });

  it('of one execution share the list, and of another do not take it', async () => {
    const { source, vault } = await stage();
    const request = { vault, run, largestShrinkage: 0.5 };
    const [a, b] = [await source('a'), await source('b')];
    const first = await takeInventoryOf('one', { ...request, source: a });
    expect(await takeInventoryOf('one', { ...request, source: b })).to.deep.equal(first);
    expect(await codeOf(takeInventoryOf('two', { ...request, source: b }))).to.equal('AlreadyExists');
  });

  it('the pointer to the latest run says how it ended, also where it could not list', async () => {
    const { source, backUp, latest } = await stage();
    const good = await source('a');
    const done = await backUp(good);
    expect(await latest()).to.deep.equal({
      run: done.run,
      result: 'complete',
      report: `runs/git/${done.run}/report.json`,
    });
    const failed = await backUp(failing);
    expect(await latest()).to.deep.include({ run: failed.run, result: 'failed' });
  });
});
