import { expect } from 'chai';
import fc from 'fast-check';
import { LocalTransport } from '#core/git/local-transport.ts';
import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { verdictKey } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { keptByPolicy, type RetentionPolicy } from '#core/vault/retention-policy.ts';
import { applyRetention, type RemovedSnapshot } from '#core/vault/retention.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { allOf } from '../../../support/streams.ts';

const dayMs = 86_400_000;
const now = new Date('2026-11-20T12:00:00Z');
const nothing: RetentionPolicy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };

/** A snapshot of so many days ago, named by that. */
function aged(days: number, verified = false) {
  return { key: `d${days}`, time: new Date(now.getTime() - days * dayMs), verified };
}

function kept(policy: Partial<RetentionPolicy>, days: (number | ReturnType<typeof aged>)[]): string[] {
  const snapshots = days.map((day) => (typeof day === 'number' ? aged(day) : day));
  return [...keptByPolicy(snapshots, { ...nothing, ...policy }, now).keys()].sort();
}

describe('retention policy', () => {
  it('keeps the newest, whatever their age', () => {
    expect(kept({ keepLast: 2 }, [900, 800, 700])).to.deep.equal(['d700', 'd800']);
  });

  it('keeps everything younger than its days, and a day more, since clocks may be wrong', () => {
    expect(kept({ days: 30 }, [1, 30, 30.9, 31.1])).to.deep.equal(['d1', 'd30', 'd30.9']);
  });

  it('keeps the newest of each day, week, month and year', () => {
    expect(kept({ daily: 3 }, [0, 0.2, 1, 1.2, 5, 6])).to.deep.equal(['d0', 'd1', 'd5']);
    // The 20th of November 2026 is a Friday, so five days before lies in the week before.
    expect(kept({ weekly: 2 }, [0, 3, 5, 6, 12])).to.deep.equal(['d0', 'd5']);
    expect(kept({ monthly: 3 }, [0, 10, 25, 40, 60])).to.deep.equal(['d0', 'd25', 'd60']);
    expect(kept({ yearly: 2 }, [0, 100, 400, 500])).to.deep.equal(['d0', 'd400']);
  });

  it('counts the first days of January to the week that began in December', () => {
    const at = (text: string) => ({ key: text, time: new Date(`${text}T12:00:00Z`), verified: false });
    const newest = keptByPolicy([at('2026-12-31'), at('2027-01-01'), at('2027-01-04')], { ...nothing, weekly: 2 }, now);
    expect([...newest.keys()]).to.have.members(['2027-01-04', '2027-01-01']);
  });

  it('keeps the last that were proven, however many newer ones there are', () => {
    const flood = Array.from({ length: 50 }, (_, at) => aged(at / 100));
    expect(kept({ keepVerified: 2 }, [...flood, aged(500, true), aged(600, true), aged(700, true)])).to.deep.equal([
      'd0',
      'd500',
      'd600',
    ]);
  });

  it('keeps at least as many as it must of any snapshots under any policy', () => {
    const small = fc.nat(5);
    const policies = fc.record({
      keepLast: fc.integer({ min: 1, max: 5 }),
      days: fc.nat(100),
      daily: small,
      weekly: small,
      monthly: small,
      yearly: small,
      keepVerified: small,
    });
    const ages = fc.uniqueArray(fc.nat(48_000), { maxLength: 40 }).map((hours) => hours.map((hour) => hour / 24));
    fc.assert(
      fc.property(policies, ages, (policy, days) => {
        const snapshots = days.map((day) => aged(day, Math.floor(day) % 3 === 0));
        const keep = keptByPolicy(snapshots, policy, now);
        const newestFirst = snapshots.toSorted((a, b) => b.time.getTime() - a.time.getTime());
        const must = [
          ...newestFirst.slice(0, policy.keepLast),
          ...newestFirst.filter(({ verified }) => verified).slice(0, policy.keepVerified),
          ...newestFirst.filter(({ time }) => now.getTime() - time.getTime() < policy.days * dayMs),
        ];
        return must.every(({ key }) => keep.has(key));
      }),
    );
  });
});

describe('retention of a real vault', () => {
  const folder = useTemporaryFolders();

  /** A full snapshot, two increments, an unchanged one, then a new full one and an increment: daily, oldest first. */
  async function history() {
    const repository = await createRepository(`${await folder()}/app.git`, { commits: 2 });
    const vault = new FolderVault(await folder());
    const item: ManifestItem = { source: 'git', id: repository, path: ['host', 'app'], name: 'app' };
    const ids: string[] = [];
    const take = async (full = false): Promise<void> => {
      const snapshot = snapshotIdOf(new Date(Date.now() - (20 - ids.length) * dayMs));
      const options = { ...defaultBackupOptions, full, heaviestChain: 100 };
      await backUpRepository({ item, transport: new LocalTransport(repository), vault, snapshot, options });
      ids.push(snapshot);
    };
    await take();
    for (const full of [false, false, true, false]) {
      await addCommit(repository, { branch: 'main', message: 'More' });
      await take(full);
      if (ids.length === 3) await take();
    }
    return { vault, ids, catalogue: new Catalogue(vault) };
  }

  async function snapshotsIn(catalogue: Catalogue): Promise<string[]> {
    const [lineage] = await allOf(catalogue.lineages('git'));
    return lineage?.snapshots.map(({ snapshot }) => snapshot) ?? [];
  }

  /** Storage knows when a manifest was really written, so a later "now" stands for time that passes. */
  const later = new Date(Date.now() + 3000 * dayMs);

  it('removes what nothing keeps, and never what a kept snapshot needs; what stays still restores', async () => {
    const { vault, ids, catalogue } = await history();
    const policy = { ...nothing, keepLast: 1 };
    const removed: string[] = [];
    const onRemoved = ({ snapshot }: RemovedSnapshot) => removed.push(snapshot);
    const result = await applyRetention(vault, { source: 'git', policy, now: later, dryRun: false, onRemoved });
    // The last one builds on the second full one; the first chain goes with its unchanged end.
    expect(await snapshotsIn(catalogue)).to.deep.equal(ids.slice(4));
    expect(result).to.deep.equal({ kept: 2, removed: 4, spared: 0 });
    expect(removed).to.deep.equal(ids.slice(0, 4).reverse());
    const left: string[] = [];
    for await (const { key } of vault.list('git/')) left.push(key);
    expect(left.filter((key) => ids.slice(0, 4).some((id) => key.includes(id)))).to.deep.equal([]);
    for (const id of ids.slice(4))
      expect(
        (await drillSnapshot(vault, catalogue, 'git/host/app/', id, { indexer: 'native' })).problems,
      ).to.deep.equal([]);
  });

  it('keeps the whole chain under an unchanged snapshot that is kept', async () => {
    const { vault, ids, catalogue } = await history();
    await vault.create(verdictKey('git/host/app/', ids[3]!, 'intact'), Buffer.from('{}'));
    await applyRetention(vault, { source: 'git', policy: { ...nothing, keepVerified: 1 }, now: later, dryRun: false });
    expect(await snapshotsIn(catalogue)).to.deep.equal(ids);
  });

  it('goes by the time at which storage wrote the manifest, where the snapshot claims to be older', async () => {
    const { vault, ids, catalogue } = await history();
    await applyRetention(vault, { source: 'git', policy: { ...nothing, days: 5 }, now: new Date(), dryRun: false });
    expect(await snapshotsIn(catalogue)).to.deep.equal(ids);
  });

  it('only says what it would remove in a dry run', async () => {
    const { vault, ids, catalogue } = await history();
    const result = await applyRetention(vault, { source: 'git', policy: nothing, now: later, dryRun: true });
    expect(result).to.deep.equal({ kept: 2, removed: 4, spared: 0 });
    expect(await snapshotsIn(catalogue)).to.deep.equal(ids);
  });

  it('removes nothing of an item whose kept manifests cannot be read, and says so', async () => {
    const { vault, ids, catalogue } = await history();
    const key = `git/host/app/${ids[5]}/manifest.json`;
    await vault.remove(key);
    await vault.create(key, Buffer.from('{}'));
    const why: string[] = [];
    const onSpared = (spared: { why: string }) => why.push(spared.why);
    const policy = nothing;
    const result = await applyRetention(vault, { source: 'git', policy, now: later, dryRun: false, onSpared });
    expect(result).to.deep.equal({ kept: 6, removed: 0, spared: 1 });
    expect(why.join()).to.include('damaged');
    expect(await snapshotsIn(catalogue)).to.have.length(6);
  });

  it('removes the manifest before the data, and later snapshots before those on which they build', async () => {
    const { vault } = await history();
    const removed: string[] = [];
    const remove = vault.remove.bind(vault);
    vault.remove = (key) => {
      removed.push(key);
      return remove(key);
    };
    await applyRetention(vault, { source: 'git', policy: nothing, now: later, dryRun: false });
    const manifests = removed.filter((key) => key.endsWith('manifest.json'));
    expect(manifests).to.deep.equal(manifests.toSorted().reverse());
    for (const data of removed.filter((key) => key.endsWith('.bundle')))
      expect(removed.indexOf(`${data.slice(0, data.lastIndexOf('/'))}/manifest.json`)).to.be.below(
        removed.indexOf(data),
      );
  });
});
