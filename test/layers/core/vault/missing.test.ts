import { expect } from 'chai';
import { Catalogue } from '#core/vault/catalogue.ts';
import { itemPrefix, manifestKey, runPrefix } from '#core/vault/layout.ts';
import { missingSnapshots } from '#core/vault/missing.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { MemoryVault } from '../../../support/memory-vault.ts';
import { writeManifest } from '#core/vault/manifest.ts';
import { exampleManifest } from '../../../support/vault-manifests.ts';

const ids = ['2026-01-01T000000.000Z', '2026-02-01T000000.000Z', '2026-03-01T000000.000Z'];
const names = ['a', 'b'];

async function history(removals?: 'recorded'): Promise<MemoryVault> {
  const vault = new MemoryVault();
  for (const snapshot of ids) {
    const items = [];
    for (const name of names) {
      const { parent: _, ...example } = exampleManifest({ path: [name], id: name, snapshot });
      const prefix = itemPrefix('github', [name]);
      const { text } = writeManifest({ ...example, kind: 'full', chain: [], data: [] });
      await vault.create(manifestKey(prefix, snapshot), Buffer.from(text));
      items.push({ outcome: 'stored', prefix, snapshot });
    }
    items.push({ outcome: 'failed' });
    const report = { ...(removals ? { removals } : {}), items };
    await vault.create(`${runPrefix('github', snapshot)}report.json`, Buffer.from(JSON.stringify(report)));
  }
  return vault;
}

async function missing(vault: MemoryVault, within?: (item: string) => boolean): Promise<string[]> {
  const found = await missingSnapshots(vault, new Catalogue(vault), 'github', within);
  return found.map(({ item, snapshot }) => `${item}${snapshot}`);
}

describe('what ought to be in a vault', () => {
  it('is missing when reports say that it was stored, and nothing that it was removed', async () => {
    const vault = await history('recorded');
    expect(await missing(vault)).to.deep.equal([]);
    await vault.remove(manifestKey('github/a/', ids[1]!));
    expect(await missing(vault)).to.deep.equal([`github/a/${ids[1]}`]);
    expect(await missing(vault, (item) => item === 'github/a/')).to.have.length(1);
    expect(await missing(vault, (item) => item === 'github/b/')).to.deep.equal([]);
    for (const key of vault.objects.keys()) if (key.startsWith('github/')) await vault.remove(key);
    expect(await missing(vault)).to.have.length(6);
  });

  it('is not missing when retention removed it', async () => {
    const vault = await history('recorded');
    const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    const { removed } = await applyRetention(vault, { source: 'github', policy, now: new Date(), dryRun: false });
    expect(removed).to.equal(4);
    expect(await missing(vault)).to.deep.equal([]);
  });

  it('is not known from reports of before removals were recorded', async () => {
    const vault = await history();
    await vault.remove(manifestKey('github/a/', ids[1]!));
    expect(await missing(vault)).to.deep.equal([]);
  });
});
