import { lstat, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { RecordingVault } from '../../../../support/faulty-vault.ts';
import { git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { addBulk, bulky, expectSame, StoredRepository, type Stored } from './stored-repository.ts';

describe('an interrupted restore to a folder', () => {
  const folder = useTemporaryFolders();
  let stored: StoredRepository;
  let chain: [Stored, ...Stored[]];
  let last: Stored;

  before(async () => {
    stored = await StoredRepository.create(await folder(), bulky(3));
    chain = await stored.chain([addBulk('second'), addBulk('third')]);
    last = chain.at(-1)!;
  });

  /** Restores through a vault of its own. @returns the keys of the data that was read */
  async function restore(
    target: string,
    options: { of?: Stored; checkout?: boolean; stopAt?: number } = {},
  ): Promise<string[]> {
    const { of = last, checkout = false, stopAt } = options;
    const vault = new RecordingVault(stored.vault);
    const controller = new AbortController();
    let ticks = 0;
    const restoring = restoreToFolder(vault, await stored.content(of), {
      target,
      checkout,
      indexer: 'native',
      signal: controller.signal,
      onProgress: () => {
        if (++ticks === stopAt) controller.abort(new HoldfastError('Interrupted', 'stopped by a test'));
      },
    });
    if (stopAt === undefined) await restoring;
    else {
      expect((await failureOf(restoring)).code).to.equal('Interrupted');
      expect(await lstat(target).catch(() => 'absent')).to.equal('absent');
    }
    return vault.dataRead;
  }

  async function newTarget(): Promise<string> {
    return join(await folder(), 'restored');
  }

  it('leaves no target, and the second one reads only what is not in place', async () => {
    const all = (await stored.content(last)).data.map(({ key }) => key);
    /** How many objects are in place after each tick of an undisturbed restore. */
    const inPlace: number[] = [];
    const vault = new RecordingVault(stored.vault);
    await restoreToFolder(vault, await stored.content(last), {
      target: await newTarget(),
      checkout: false,
      indexer: 'native',
      onProgress: () => inPlace.push(vault.dataRead.length - 1),
    });
    inPlace.forEach((objects, tick) => {
      // What was interrupted at the last piece of an object still has that object.
      if (inPlace[tick + 1] !== objects) inPlace[tick] = objects + 1;
    });
    expect(new Set(inPlace)).to.deep.equal(new Set([0, 1, 2, 3]));
    const target = await newTarget();
    for (const [tick, objects] of inPlace.entries()) {
      const place = `${target}-${tick}`;
      await restore(place, { stopAt: tick + 1 });
      expect(await restore(place)).to.deep.equal(all.slice(objects));
      await expectSame(place, last.source);
      expect((await readdir(dirname(place))).filter((name) => name.includes('partial'))).to.deep.equal([]);
    }
  });

  it('can be interrupted again and again', async () => {
    const target = await newTarget();
    const all = (await stored.content(last)).data.map(({ key }) => key);
    expect(await restore(target, { stopAt: 6 })).to.deep.equal(all.slice(0, 2));
    expect(await restore(target, { stopAt: 1 })).to.deep.equal(all.slice(1, 2));
    expect(await restore(target, { stopAt: 5 })).to.deep.equal(all.slice(1, 3));
    expect(await restore(target)).to.deep.equal(all.slice(2));
    await expectSame(target, last.source);
  });

  it('is not built on for another snapshot', async () => {
    const target = await newTarget();
    await restore(target, { stopAt: 9 });
    expect(await restore(target, { of: chain[1]! })).to.have.length(2);
    await expectSame(target, chain[1]!.source);
    expect(await readdir(join(target, 'objects', 'pack'))).to.have.length(4);
  });

  for (const [what, first, second] of [
    ['a bare one', false, true],
    ['one with a working tree', true, false],
  ] as const)
    it(`that was ${what} is not built on for the other kind`, async () => {
      const target = await newTarget();
      await restore(target, { stopAt: 9, checkout: first });
      expect(await restore(target, { checkout: second })).to.have.length(3);
      await expectSame(target, last.source);
      if (second) expect(await git(target, 'status', '--porcelain')).to.equal('');
    });

  // A pack that is whole is indexed again, and not read.
  for (const [what, again, harm] of [
    ['the end of a pack', 2, (packs: string, names: string[]) => truncate(join(packs, nameOf(names, '.pack')), 5000)],
    [
      'the content of an index',
      1,
      (packs: string, names: string[]) => writeFile(join(packs, nameOf(names, '.idx')), ''),
    ],
    ['a whole pack', 2, (packs: string, names: string[]) => rm(join(packs, nameOf(names, '.pack')))],
    ['a whole index', 1, (packs: string, names: string[]) => rm(join(packs, nameOf(names, '.idx')))],
  ] as const)
    it(`makes good what lost ${what} on disk`, async () => {
      const target = await newTarget();
      await restore(target, { stopAt: 9 });
      const packs = join(`${target}.holdfast-partial`, 'repository', 'objects', 'pack');
      await harm(packs, await readdir(packs));
      expect(await restore(target)).to.have.length(again);
      await expectSame(target, last.source);
    });

  it('begins again where its journal was cut off', async () => {
    const target = await newTarget();
    await restore(target, { stopAt: 9 });
    const journal = join(`${target}.holdfast-partial`, 'journal.json');
    await truncate(journal, (await readFile(journal)).length >> 1);
    expect(await restore(target)).to.have.length(3);
    await expectSame(target, last.source);
  });

  it('begins again where it was killed before its marker was whole', async () => {
    const target = await newTarget();
    await mkdir(`${target}.holdfast-partial`);
    await writeFile(join(`${target}.holdfast-partial`, 'snapshot'), '');
    await restore(target);
    await expectSame(target, last.source);
  });

  it('takes no heed of the lock of a git that was killed while it wrote the working tree', async () => {
    const target = await newTarget();
    await restore(target, { stopAt: 9, checkout: true });
    const repository = join(`${target}.holdfast-partial`, 'repository');
    await writeFile(join(repository, '.git', 'index.lock'), 'half an index');
    await writeFile(join(repository, 'number.txt'), 'half a fi');
    await restore(target, { checkout: true });
    await expectSame(target, last.source);
    expect(await git(target, 'status', '--porcelain')).to.equal('');
  });

  it('of an archive begins again, whatever was unpacked already', async () => {
    const taken = await stored.take(
      { format: 'tar.gz' },
      { item: { ...last.manifest.item, id: 'other', path: ['other'] } },
    );
    const target = await newTarget();
    await restore(target, { of: taken, stopAt: 2 });
    const half = join(`${target}.holdfast-partial`, 'repository', 'objects');
    await mkdir(half, { recursive: true });
    await writeFile(join(half, 'half-a-file'), 'half');
    expect(await restore(target, { of: taken })).to.have.length(1);
    await expectSame(target, taken.source);
  });
});

/** One of those that end so. */
function nameOf(names: string[], ending: string): string {
  return names.find((name) => name.endsWith(ending)) ?? '';
}
