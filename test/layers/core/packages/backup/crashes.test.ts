import { expect } from 'chai';
import { verifySnapshot } from '#core/run/verify.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { FaultyVault, type Moment } from '../../../../support/faulty-vault.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { KeptPackages } from './kept-packages.ts';

const moments: readonly Moment[] = ['before', 'halfway', 'after'];
const once = { attempts: 1, firstWaitMs: 1, longestWaitMs: 2 };

describe('a backup of a package version that ends anywhere', () => {
  const folder = useTemporaryFolders();

  /** @returns how many operations it took, and whether it said that it succeeded */
  async function attempt(kept: KeptPackages, vault: FaultyVault) {
    try {
      await kept.backUp({}, { vault, retry: once });
      return { succeeded: true, operations: vault.operations.length };
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'StorageFailed') throw error;
      return { succeeded: false, operations: vault.operations.length };
    }
  }

  async function snapshotsIn(vault: Vault): Promise<number> {
    const catalogue = new Catalogue(vault);
    const entries = [];
    for await (const { snapshots } of catalogue.items('codeartifact'))
      entries.push(...snapshots.filter(({ hasManifest }) => hasManifest));
    for (const entry of entries) expect((await verifySnapshot(vault, catalogue, entry)).problems).to.deep.equal([]);
    return entries.length;
  }

  for (const kind of ['full', 'incremental', 'deleted'] as const)
    it(`leaves the snapshot whole or none of it, and the next attempt makes exactly one: ${kind}`, async () => {
      const kept = await KeptPackages.start(await folder());
      const version = kept.publish({ assets: { 'a.bin': 'one', 'b.bin': 'two' } });
      const prepare = async (): Promise<Vault> => {
        const vault = new FolderVault(await folder());
        if (kind === 'full') return vault;
        await kept.backUp({}, { vault });
        return vault;
      };
      const vaults: Vault[] = [];
      // All vaults are prepared before the version changes.
      for (let at = 0; at < 80; at++) vaults.push(await prepare());
      const whole = vaults.pop()!;
      if (kind === 'incremental') kept.registry.putAsset(version, 'c.bin', 'three');
      if (kind === 'deleted') kept.registry.deleteVersion(version);
      const before = kind === 'full' ? 0 : 1;
      const { operations } = await attempt(kept, new FaultyVault(whole));
      const seen = { whole: 0, none: 0 };
      for (let at = 1; at <= operations; at++)
        for (const moment of moments) {
          const vault = vaults.pop()!;
          const { succeeded } = await attempt(kept, new FaultyVault(vault, [{ at, moment, transient: false }]));
          const after = await snapshotsIn(vault);
          seen[after > before ? 'whole' : 'none']++;
          if (succeeded) expect(after, `${moment} ${at}`).to.equal(before + 1);
          await kept.backUp({}, { vault });
          expect(await snapshotsIn(vault), `${moment} ${at}`).to.equal(before + 1);
        }
      expect(seen.none).to.be.above(0);
      expect(seen.whole).to.be.above(0);
      await kept.close();
    });
});
