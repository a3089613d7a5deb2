import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { backUpChanged } from '#core/run/back-up-changed.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { dataKey, itemPrefix, manifestKey } from '#core/vault/layout.ts';
import { snapshotIdOf, timeOf } from '#core/vault/snapshot-id.ts';
import { recordCheck } from '#core/vault/checks.ts';
import { writeManifest, type Manifest } from '#core/vault/manifest.ts';
import { Backups, itemNamed, once, type Taken } from '../../../../support/backups.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../../support/repositories.ts';
import { sha256, store } from '../../../../support/vault-content.ts';

/** Everything here only adds to the vault, as a writer's role may. */
describe('a backup after somebody has added false snapshots', () => {
  const folder = useTemporaryFolders();
  const item = itemNamed('app');
  const prefix = itemPrefix(item.source, item.path);

  async function set() {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 3 });
    const backups = new Backups(await folder());
    const transport = new LocalTransport(path);
    const take = (snapshot?: string) =>
      backups.take(transport, { options: { heaviestChain: 100 }, ...(snapshot === undefined ? {} : { snapshot }) });
    return { path, backups, take, first: await take() };
  }

  /** A snapshot whose manifest is in order, of the refs that another one has. */
  async function forge({ vault }: Backups, of: Taken, snapshot: string, more: Partial<Manifest> = {}, junk?: Buffer) {
    const key = dataKey(prefix, snapshot, '0badf00d', 'repository.bundle');
    if (junk) await store(vault, key, junk);
    const data: Manifest['data'] = junk ? [{ key, format: 'bundle', bytes: junk.length, sha256: sha256(junk) }] : [];
    const { parent: _, ...rest } = of.content;
    const manifest: Manifest = { ...rest, item, snapshot, kind: 'full', chain: [], data, warnings: [], ...more };
    const { text, digest } = writeManifest(manifest);
    await vault.create(manifestKey(prefix, snapshot), Buffer.from(text));
    return { manifest, digest };
  }

  const junk = Buffer.alloc(1000, 'junk');
  const soon = () => snapshotIdOf(new Date(Date.now() - 1000));

  for (const [what, snapshot] of [
    ['of a time to come', () => '2999-01-01T000000.000Z'],
    ['of tomorrow', () => snapshotIdOf(new Date(Date.now() + 20 * 3_600_000))],
    ['of just now', soon],
  ] as const)
    for (const changed of [true, false])
      it(`builds on none ${what}, and says so (${changed ? 'changed' : 'unchanged'} repository)`, async () => {
        const { path, backups, take, first } = await set();
        await forge(backups, first, snapshot(), {}, junk);
        if (changed) await addCommit(path);
        const taken = await take();
        expect(taken.manifest.parent?.snapshot).to.equal(first.manifest.snapshot);
        expect(taken.outcome.warnings.join()).to.include(snapshot().slice(0, 10));
        await backups.expectRestorable(taken, path);
        await addCommit(path);
        await backups.expectRestorable(await take(), path);
      });

  it('builds on none whose pack is in order and holds nothing', async () => {
    const { path, backups, take, first } = await set();
    const header = `# v2 git bundle\n${Object.entries(first.content.git?.refs ?? {})
      .map(([name, oid]) => `${oid} ${name}\n`)
      .join('')}\n`;
    const empty = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex');
    const pack = { objects: 0, hash: empty.subarray(12).toString('hex'), bytes: empty.length };
    const git = { ...first.content.git!, pack };
    await forge(backups, first, soon(), { git }, Buffer.concat([Buffer.from(header), empty]));
    const taken = await take();
    expect(taken.manifest.parent?.snapshot).to.equal(first.manifest.snapshot);
    await backups.expectRestorable(taken, path);
  });

  for (const [what, more] of [
    ['with junk', undefined],
    ['that equals an older one', true],
  ] as const)
    it(`stores its own snapshot beside one under the id of its run, ${what}`, async () => {
      const { path, backups, take, first } = await set();
      await addCommit(path);
      const run = soon();
      const { parent } = (await take()).manifest;
      await addCommit(path);
      await forge(backups, first, run, more && parent ? { kind: 'unchanged', parent } : {}, more ? undefined : junk);
      const taken = await take(run);
      expect(timeOf(taken.outcome.snapshot).getTime()).to.equal(timeOf(run).getTime() + 1);
      await backups.expectRestorable(taken, path);
      expect((await take(run)).outcome.snapshot).to.equal(taken.outcome.snapshot);
    });

  it('builds on none once a drill has found that what the newest says it equals is junk', async () => {
    const { path, backups, take, first } = await set();
    const hidden = snapshotIdOf(new Date(Date.now() - 3000));
    const { digest } = await forge(backups, first, hidden, {}, junk);
    const { manifest } = await backups.catalogue.manifest(prefix, hidden);
    const parent = { item: prefix, snapshot: hidden, digest };
    const newest = soon();
    await forge(backups, first, newest, { kind: 'unchanged', parent, chain: manifest.data, data: [] });
    const found = await drillSnapshot(backups.vault, backups.catalogue, prefix, newest, { indexer: 'native' });
    expect(found.problems).to.not.deep.equal([]);
    await recordCheck(backups.vault, found, 'drill');
    const taken = await take(snapshotIdOf(new Date()));
    await backups.expectRestorable(taken, path);
    await addCommit(path);
    await backups.expectRestorable(await take(snapshotIdOf(new Date(Date.now() + 1))), path);
  });

  it('is not put off by flood, but takes a full snapshot in the end', async () => {
    const { path, backups, take, first } = await set();
    for (let at = 1; at < 30; at++)
      await forge(backups, first, snapshotIdOf(new Date(Date.now() - at * 60_000)), {}, junk);
    const taken = await take(snapshotIdOf(new Date()));
    await backups.expectRestorable(taken, path);
    await addCommit(path);
    const next = await take(snapshotIdOf(new Date(Date.now() + 1)));
    expect(next.manifest.kind).to.equal('incremental');
    await backups.expectRestorable(next, path);
  });

  it('heeds an event although a manifest says that it was begun in the future', async () => {
    const { path, backups, first } = await set();
    const { digest } = await backups.catalogue.manifest(prefix, first.manifest.snapshot);
    await forge(backups, first, soon(), {
      kind: 'unchanged',
      parent: { item: prefix, snapshot: first.manifest.snapshot, digest },
      chain: first.manifest.data,
      started: '2999-01-01T00:00:00.000Z',
    });
    await addCommit(path);
    const source: ListedSource = {
      source: 'git',
      feeds: { repositories: { open: () => new LocalTransport(path) } },
      inventory: () => Promise.reject(new Error('nobody asked for a list')),
      close: () => undefined,
    };
    const request = { source, vault: backups.vault, options: { ...defaultBackupOptions, retry: once } };
    const outcome = await backUpChanged(request, { item, time: new Date(Date.now() + 1000) });
    expect(outcome?.outcome).to.equal('stored');
  });
});
