import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { Backups, itemNamed } from '../../../../support/backups.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../../support/repositories.ts';

describe('the lineage of an item', () => {
  const folder = useTemporaryFolders();

  async function set() {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 3 });
    const backups = new Backups(await folder());
    const take = async (name: string, id: string, from = path) =>
      backups.take(new LocalTransport(from), { item: itemNamed(name, id), options: { heaviestChain: 100 } });
    return { path, backups, take };
  }

  it('goes on when the item is renamed, across changed and unchanged snapshots and through several names', async () => {
    const { path, backups, take } = await set();
    const first = await take('old-name', '42');
    await addCommit(path);
    const renamed = await take('new-name', '42');
    expect(renamed.manifest).to.deep.include({ kind: 'incremental', chain: first.manifest.data });
    expect(renamed.manifest.parent?.item).to.equal(first.outcome.prefix);
    expect(renamed.outcome.warnings).to.deep.equal(['renamed: it was stored as old-name before']);
    await backups.expectRestorable(renamed, path);

    const unchanged = await take('new-name', '42');
    expect(unchanged.outcome).to.deep.include({ outcome: 'unchanged', warnings: [] });
    await addCommit(path);
    const grown = await take('new-name', '42');
    expect(grown.manifest).to.deep.include({ kind: 'incremental', warnings: [] });
    expect(grown.manifest.chain).to.deep.equal([...first.manifest.data, ...renamed.manifest.data]);

    const again = await take('third-name', '42');
    expect(again.outcome).to.deep.include({ outcome: 'unchanged', since: grown.manifest.snapshot });
    expect(again.outcome.warnings).to.deep.equal(['renamed: it was stored as new-name before']);
    await addCommit(path);
    const last = await take('third-name', '42');
    expect(last.manifest).to.deep.include({ kind: 'incremental', warnings: [] });
    expect(last.manifest.chain).to.have.length(3);
    await backups.expectRestorable(last, path);
  });

  it('goes on from its newest snapshot when the item gets its first name back', async () => {
    const { path, backups, take } = await set();
    await take('a', '42');
    await addCommit(path);
    const asB = await take('b', '42');
    const back = await take('a', '42');
    expect(back.outcome).to.deep.include({ outcome: 'unchanged', since: asB.manifest.snapshot });
    await addCommit(path);
    const grown = await take('a', '42');
    expect(grown.manifest).to.deep.include({ kind: 'incremental', warnings: [] });
    await backups.expectRestorable(grown, path);
  });

  it('notices that data is gone from under an older name', async () => {
    const { path, backups, take } = await set();
    const first = await take('old-name', '42');
    await addCommit(path);
    await take('new-name', '42');
    await rm(join(backups.folder, first.manifest.data[0]!.key));
    const taken = await take('new-name', '42');
    expect(taken.manifest).to.deep.include({ kind: 'full', chain: [] });
    expect(taken.outcome.warnings.join()).to.include('damaged');
    await backups.expectRestorable(taken, path);
  });

  it('begins again, with a warning, when another repository has taken the name', async () => {
    const { backups, take } = await set();
    const first = await take('app', '1');
    const other = await createRepository(join(await folder(), 'other.git'), { commits: 2, seed: 'other' });
    const taken = await take('app', '2', other);
    expect(taken.manifest).to.deep.include({ kind: 'full', chain: [] }).and.not.to.have.property('parent');
    expect(taken.outcome.warnings).to.have.length(1);
    expect(taken.outcome.warnings[0]).to.include('another repository before (id 1)');
    await backups.expectRestorable(taken, other);
    // The old one is restorable as ever, and the new one goes its own way from here.
    await backups.restore(first, join(await folder(), 'restored.git'));
    await addCommit(other);
    expect((await take('app', '2', other)).manifest).to.deep.include({
      kind: 'incremental',
      chain: taken.manifest.data,
      warnings: [],
    });
  });

  it('is that of the id when two repositories swap their names', async () => {
    const { path, backups, take } = await set();
    const other = await createRepository(join(await folder(), 'other.git'), { commits: 2, seed: 'other' });
    const one = await take('a', '1');
    const two = await take('b', '2', other);
    await addCommit(path);
    const swapped = [await take('b', '1'), await take('a', '2', other)] as const;
    expect(swapped[0].manifest).to.deep.include({ kind: 'incremental', chain: one.manifest.data });
    expect(swapped[1].outcome).to.deep.include({ outcome: 'unchanged', since: two.manifest.snapshot });
    await backups.expectRestorable(swapped[0], path);
    await backups.expectRestorable(swapped[1], other);
  });
});
