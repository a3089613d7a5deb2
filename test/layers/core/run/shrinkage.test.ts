import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { collect } from '../../../support/streams.ts';
import { fates, useAccounts, type Account } from './account.ts';

describe('a run over a source that lists less than before', () => {
  const folder = useTemporaryFolders();
  const newAccount = useAccounts(folder);

  function remove({ github }: Account, ...names: string[]): void {
    for (const name of names) github.delete(github.repositories.find(({ fullName }) => fullName === `acme/${name}`)!);
  }

  it('is refused where more is gone than may be, and touches nothing', async () => {
    const account = await newAccount('a', 'b', 'c', 'd', 'e');
    const run = account.nextRun();
    await account.run({ run });
    remove(account, 'c', 'd', 'e');
    const refused = account.nextRun();
    const report = await account.run({ run: refused });
    expect(report).to.deep.include({ result: 'failed', items: [] });
    expect(report.error?.code).to.equal('SourceShrunk');
    expect(report.error?.message).to.include('3 of the 5 items').and.to.include(run);
    expect(report.error?.advice).to.include('--accept-shrinkage');
    expect(await account.stored(refused, 'report')).to.deep.equal(report);
    for (const taken of (await account.expectSound()).values()) expect(taken).to.deep.equal([run]);
    // What was refused is no measure for the next, so it is refused as well.
    expect((await account.run()).error?.code).to.equal('SourceShrunk');
  });

  it('is refused where everything is gone', async () => {
    const account = await newAccount('a', 'b');
    await account.run();
    remove(account, 'a', 'b');
    expect((await account.run({ largestShrinkage: 0.9 })).error?.code).to.equal('SourceShrunk');
  });

  it('goes on with a warning where no more is gone than may be', async () => {
    const account = await newAccount('a', 'b', 'c', 'd');
    await account.run();
    remove(account, 'c', 'd');
    const report = await account.run();
    expect(report.result).to.equal('complete');
    expect(fates(report)).to.deep.equal({ a: 'unchanged', b: 'unchanged' });
    expect(report.warnings).to.deep.equal(
      ['c', 'd'].map((name) => `acme/${name} is no longer listed; its snapshots are kept`),
    );
    expect(await account.stored(report.run, 'report')).to.deep.equal(report);
    // Said once: from then on this is what there is.
    expect((await account.run()).warnings).to.deep.equal([]);
  });

  it('goes on where that was accepted', async () => {
    const account = await newAccount('a', 'b', 'c', 'd', 'e');
    await account.run();
    remove(account, 'b', 'c', 'd', 'e');
    expect((await account.run({ largestShrinkage: 1 })).result).to.equal('complete');
    expect((await account.run()).result).to.equal('complete');
  });

  it('is refused where it lost a part each time, and in the end more than may be', async () => {
    const account = await newAccount('a', 'b', 'c', 'd', 'e', 'f', 'g');
    const run = account.nextRun();
    await account.run({ run });
    remove(account, 'e', 'f', 'g');
    expect((await account.run()).result).to.equal('complete');
    remove(account, 'c', 'd');
    const refused = (await account.run()).error;
    expect(refused?.code).to.equal('SourceShrunk');
    expect(refused?.message).to.include('5 of the 7 items').and.to.include(run);
    expect((await account.run({ largestShrinkage: 1 })).result).to.equal('complete');
    // What was accepted is what there is from then on.
    remove(account, 'b');
    for (let later = 0; later < 3; later++) expect((await account.run()).result).to.equal('complete');
  });

  it('is compared with runs over the same selection of repositories alone', async () => {
    const account = await newAccount('a', 'b');
    await account.github.addRepository('octo/own', { shape: { commits: 1 } });
    await account.run();
    const report = await account.run({ settings: { owner: 'octo' } });
    expect(report).to.deep.include({ result: 'complete', warnings: [] });
  });

  it('is compared with an older list, and says so, where the last one is damaged', async () => {
    const account = await newAccount('a', 'b', 'c', 'd');
    await account.run();
    const last = account.nextRun();
    await account.run({ run: last });
    const key = `${runPrefix('github', last)}inventory.json`;
    await writeFile(join(account.vault.location, key), '{ "scope": ');
    const sound = await account.run();
    expect(sound.result).to.equal('complete');
    expect(sound.warnings).to.have.length(1);
    expect(sound.warnings[0]).to.include(key);
    const again = account.nextRun();
    await writeFile(join(account.vault.location, `${runPrefix('github', sound.run)}inventory.json`), '');
    remove(account, 'b', 'c', 'd');
    expect((await account.run({ run: again })).error?.code).to.equal('SourceShrunk');
  });

  describe('where somebody who may only store lists has added some', () => {
    const now = () => snapshotIdOf(new Date());

    async function forge({ vault }: Account, run: SnapshotId, names: string[]): Promise<void> {
      const scope = (await lastInventory(vault)).scope;
      const listed = names.map((name) => ({
        item: { source: 'github', id: `forged-${name}`, path: ['acme', name], name: `acme/${name}`, url: '' },
      }));
      const forged = { format: 1, run, source: 'github', scope, listed, warnings: [] };
      await vault.create(`${runPrefix('github', run)}inventory.json`, Buffer.from(JSON.stringify(forged)));
    }

    async function lastInventory(vault: Vault): Promise<{ scope: string }> {
      const keys: string[] = [];
      for await (const { key } of vault.list('runs/github/')) if (key.endsWith('/inventory.json')) keys.push(key);
      return JSON.parse((await collect(vault.read(keys.at(-1)!))).toString()) as { scope: string };
    }

    const thousand = Array.from({ length: 1000 }, (_, index) => `foreign-${index}`);
    const forgeries: [string, () => SnapshotId, string[]][] = [
      ['an empty one of a time to come', () => '2999-01-01T000000.000Z', []],
      ['an empty one of now', now, []],
      ['a long one of now', now, thousand],
      ['a long one of a time to come', () => '2999-01-01T000000.000Z', thousand],
    ];
    for (const [what, run, names] of forgeries) {
      it(`refuses and goes on as without it: ${what}`, async () => {
        const account = await newAccount('a', 'b', 'c', 'd', 'e');
        await account.run();
        await forge(account, run(), names);
        expect(await account.run()).to.deep.include({ result: 'complete', warnings: [] });
        await forge(account, snapshotIdOf(new Date(Date.now() + 1000)), names);
        remove(account, 'b', 'c', 'd', 'e');
        const refused = await account.run();
        expect(refused.error?.code).to.equal('SourceShrunk');
        expect(refused.error?.message).to.include('4 of the 5 items');
      });
    }

    it('looks past any number of them', async () => {
      const account = await newAccount('a', 'b', 'c');
      await account.run();
      for (let second = 0; second < 30; second++)
        await forge(account, snapshotIdOf(new Date(Date.now() - second * 1000)), []);
      remove(account, 'b', 'c');
      expect((await account.run()).error?.code).to.equal('SourceShrunk');
    });

    it('takes none for the list of a run that could not list anything', async () => {
      const account = await newAccount('a', 'b', 'c');
      await account.run();
      remove(account, 'a', 'b', 'c');
      const failed = account.nextRun();
      expect((await account.run({ run: failed })).error?.code).to.equal('SourceShrunk');
      await forge(account, failed, []);
      expect((await account.run()).error?.code).to.equal('SourceShrunk');
    });
  });
});
