import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Catalogue } from '#core/vault/catalogue.ts';
import { manifestKey } from '#core/vault/layout.ts';
import { writeManifest } from '#core/vault/manifest.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import { events, holdfast } from '../../support/command-line.ts';
import { createRepository, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

/** What a writer can do is add; none of it may hide what was stored before from anyone who restores. */
describe('holdfast: an item whose newest snapshot was forged', () => {
  const folder = useTemporaryFolders();

  async function stage() {
    const place = await folder();
    const source = await createRepository(path.join(place, 'one'), { commits: 2 });
    const { code } = await holdfast(['backup', 'git', 'one'], { cwd: place });
    expect(code).to.equal(0);
    const vault = await openVault(path.join(place, 'vault'));
    const catalogue = new Catalogue(vault);
    const items = [];
    for await (const item of catalogue.items('git')) items.push(item);
    const [item] = items;
    const [entry] = item?.snapshots ?? [];
    if (!item || !entry) throw new Error('nothing was stored');
    const { manifest } = await catalogue.manifest(entry.item, entry.snapshot);
    const later = snapshotIdOf(new Date(Date.now() + 1000));
    const add = (text: string) => vault.create(manifestKey(entry.item, later), Buffer.from(text));
    const restored = async (...options: string[]) => {
      const to = path.join(place, `restored-${(await readdir(place)).length}`);
      const { code: ended, stderr } = await holdfast(['restore', item.address, '--to', to, ...options], { cwd: place });
      expect(ended, stderr).to.equal(0);
      expect((await refsOf(to)).refs).to.deep.equal((await refsOf(source)).refs);
    };
    return { place, address: item.address, entry, manifest, later, add, restored };
  }

  it('of another repository: the true one is found by its time and by its id, and shown to be there', async () => {
    const { place, address, entry, manifest, later, add, restored } = await stage();
    const { parent: _, ...rest } = manifest;
    const forged = { ...rest, snapshot: later, item: { ...manifest.item, id: 'another' }, data: [], chain: [] };
    await add(writeManifest({ ...forged, kind: 'full' }).text);
    await restored('--snapshot', entry.snapshot);
    await restored('--at', entry.snapshot.slice(0, 17).replace(/T(\d\d)(\d\d)(\d\d)/, 'T$1:$2:$3'));
    const { stdout } = await holdfast(['show', address, '--snapshot', entry.snapshot], { cwd: place });
    expect(stdout).to.contain('1 snapshot here of another item').and.to.contain('refs/heads/main');
  });

  for (const [what, text] of [
    ['not a manifest', 'nothing of the sort'],
    ['empty', ''],
  ] as const)
    it(`${what}: the true one is restored, and show names the other`, async () => {
      const { place, address, entry, later, add, restored } = await stage();
      await add(text);
      await restored('--snapshot', entry.snapshot);
      const shown = await holdfast(['show', address, '--snapshot', entry.snapshot, '--json'], { cwd: place });
      expect(shown.code, shown.stderr).to.equal(0);
      const told = events(shown.stdout, 'show');
      expect(told.filter(({ event }) => event === 'unreadable')).to.have.length(1);
      expect(told.find(({ event }) => event === 'unreadable')).to.include({ address, snapshot: later });
      expect(told.find(({ event }) => event === 'snapshot')).to.include({ snapshot: entry.snapshot });
      // Without a choice it is the newest that is meant, and that one is said to be damaged.
      const newest = await holdfast(['restore', address, '--to', path.join(place, 'newest')], { cwd: place });
      expect(newest.code).to.equal(4);
      expect(newest.stderr).to.contain(later);
    });

  it('of another item, copied from there: the true one is restored', async () => {
    const { entry, manifest, add, restored } = await stage();
    await add(writeManifest({ ...manifest, item: { ...manifest.item, path: ['else', 'where'] } }).text);
    await restored('--snapshot', entry.snapshot);
  });
});
