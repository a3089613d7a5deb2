import { appendFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { manifestKey, verdictKey } from '#core/vault/layout.ts';
import { Backups, type Taken } from '../../../../support/backups.ts';
import { addCommit, createRepository, git, useTemporaryFolders } from '../../../../support/repositories.ts';

describe('what a backup builds on', () => {
  const folder = useTemporaryFolders();

  async function set(options = {}) {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 3, branches: ['topic'] });
    const backups = new Backups(await folder());
    const take = (more = {}) =>
      backups.take(new LocalTransport(path), { options: { heaviestChain: 100, ...options, ...more } });
    /** Changes the repository and takes a snapshot. */
    const grow = async (more = {}) => {
      await addCommit(path);
      return take(more);
    };
    return { path, backups, take, grow };
  }

  const dataOf = (backups: Backups, { manifest }: Taken) => join(backups.folder, manifest.data[0]!.key);
  const manifestOf = (backups: Backups, { outcome }: Taken) =>
    join(backups.folder, manifestKey(outcome.prefix, outcome.snapshot));

  it('is nothing when the chain has reached its limit', async () => {
    const { path, backups, grow, take } = await set({ longestChain: 3 });
    const kinds = [(await take()).manifest.kind];
    for (let day = 0; day < 4; day++) kinds.push((await grow()).manifest.kind);
    expect(kinds).to.deep.equal(['full', 'incremental', 'incremental', 'full', 'incremental']);
    const last = await grow();
    expect(last.manifest.chain).to.have.length(2);
    await backups.expectRestorable(last, path);
  });

  it('is nothing when the increments weigh more than what they build on', async () => {
    const { path, backups, take } = await set({ heaviestChain: 1 });
    const first = await take();
    const noise = Buffer.from(
      Array.from({ length: 2 * first.manifest.data[0]!.bytes }, (_, index) => (index * index * 31) >> 3),
    );
    await addCommit(path, { files: { 'noise.bin': noise } });
    const heavy = await take();
    expect(heavy.manifest.kind).to.equal('incremental');
    expect(heavy.manifest.data[0]!.bytes).to.be.greaterThan(first.manifest.data[0]!.bytes);
    await addCommit(path);
    const full = await take();
    expect(full.manifest).to.deep.include({ kind: 'full', chain: [], warnings: [] });
    await backups.expectRestorable(full, path);
  });

  it('is nothing when a full snapshot is asked for, changed or not', async () => {
    const { path, backups, grow, take } = await set();
    await take();
    expect((await take({ full: true })).manifest.kind).to.equal('full');
    const full = await grow({ full: true });
    expect(full.manifest).to.deep.include({ kind: 'full', chain: [], warnings: [] });
    await backups.expectRestorable(full, path);
  });

  const damages: Record<string, (backups: Backups, first: Taken, latest: Taken) => Promise<unknown>> = {
    'the data of the latest snapshot is missing': (backups, _, latest) => rm(dataOf(backups, latest)),
    'the data at the start of its chain is missing': (backups, first) => rm(dataOf(backups, first)),
    'data is shorter than it was': async (backups, _, latest) =>
      truncate(dataOf(backups, latest), latest.manifest.data[0]!.bytes - 1),
    'data is longer than it was': (backups, first) => appendFile(dataOf(backups, first), 'x'),
    'data has another name': (backups, _, latest) => rename(dataOf(backups, latest), `${dataOf(backups, latest)}.bak`),
    'a check found the latest snapshot damaged': (backups, _, { outcome }) =>
      backups.vault.create(verdictKey(outcome.prefix, outcome.snapshot, 'damaged'), Buffer.from('{}')),
    'a check found the start of its chain damaged': (backups, { outcome }) =>
      backups.vault.create(verdictKey(outcome.prefix, outcome.snapshot, 'damaged'), Buffer.from('{}')),
  };

  for (const [damage, inflict] of Object.entries(damages))
    for (const changed of [true, false])
      it(`is nothing, with a warning, when ${damage} (${changed ? 'changed' : 'unchanged'} repository)`, async () => {
        const { path, backups, grow, take } = await set();
        const first = await take();
        const latest = await grow();
        await take();
        await inflict(backups, first, latest);
        const taken = await (changed ? grow() : take());
        expect(taken.manifest).to.deep.include({ kind: 'full', chain: [] }).and.not.to.have.property('parent');
        expect(taken.outcome.warnings.join()).to.include('damaged');
        await backups.expectRestorable(taken, path);
        const next = await grow();
        expect(next.manifest).to.deep.include({ kind: 'incremental', chain: taken.manifest.data, warnings: [] });
      });

  it('is the snapshot all the same when a later check found it intact', async () => {
    const { backups, grow, take } = await set();
    const { outcome } = await take();
    for (const verdict of ['damaged', 'intact'] as const) {
      await backups.vault.create(verdictKey(outcome.prefix, outcome.snapshot, verdict), Buffer.from('{}'));
      await setTimeout(2);
    }
    expect((await grow()).manifest).to.deep.include({ kind: 'incremental', warnings: [] });
  });

  it('is the newest snapshot whose manifest is sound, when those after it were damaged', async () => {
    const { path, backups, grow, take } = await set();
    const first = await take();
    const second = await grow();
    const file = manifestOf(backups, second);
    const text = await readFile(file, 'utf8');
    for (const [day, damaged] of [
      text.replace('"refs/heads/main"', '"refs/heads/evil"'),
      text.slice(0, -40),
      '',
    ].entries()) {
      await writeFile(file, damaged);
      const taken = await grow();
      expect(taken.manifest.parent?.snapshot, `damage ${day}`).to.equal(first.manifest.snapshot);
      expect(taken.outcome.warnings.join()).to.include(`${second.manifest.snapshot} is damaged`);
      await backups.expectRestorable(taken, path);
      await rm(manifestOf(backups, taken));
    }
  });

  it('is nothing when the manifest is damaged to which unchanged snapshots refer', async () => {
    const { path, backups, grow, take } = await set();
    const first = await take();
    await take();
    const file = manifestOf(backups, first);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('refs/heads/topic', 'refs/heads/t0pic'));
    const taken = await take();
    expect(taken.manifest.kind).to.equal('full');
    expect(taken.outcome.warnings.join()).to.include(`${first.manifest.snapshot} is damaged or gone`);
    await backups.expectRestorable(taken, path);
    expect((await grow()).manifest).to.deep.include({ kind: 'incremental', warnings: [] });
  });

  it('is nothing when another manifest stands in the place of the one to which unchanged snapshots refer', async () => {
    const { path, backups, take } = await set();
    const first = await take();
    await take();
    // A whole and valid manifest of the same item and snapshot, but not the one.
    const other = new Backups(await folder());
    await git(path, 'tag', 'swapped', 'main');
    const swapped = await other.take(new LocalTransport(path), { snapshot: first.manifest.snapshot });
    await writeFile(manifestOf(backups, first), await readFile(manifestOf(other, swapped)));
    const taken = await take();
    expect(taken.manifest.kind).to.equal('full');
    expect(taken.outcome.warnings.join()).to.include(`${first.manifest.snapshot} is not the one on which`);
    await backups.expectRestorable(taken, path);
  });

  it('is nothing when the repository now names its objects by another hash', async () => {
    const { path, backups, take } = await set();
    await take();
    await rm(path, { recursive: true });
    await createRepository(path, { commits: 2, objectFormat: 'sha256' });
    const taken = await take();
    expect(taken.manifest).to.deep.include({ kind: 'full', chain: [] });
    await backups.expectRestorable(taken, path);
  });
});
