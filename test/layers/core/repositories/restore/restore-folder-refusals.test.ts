import { spawnSync } from 'node:child_process';
import { lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { ReplacingVault, type Replaced } from '../../../../support/faulty-vault.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { addBulk, bulky, expectSame, StoredRepository, type Stored } from './stored-repository.ts';

describe('a restore to a folder that is taken', () => {
  const folder = useTemporaryFolders();
  let stored: StoredRepository;
  let taken: Stored;

  before(async () => {
    stored = await StoredRepository.create(await folder(), { commits: 2, branches: ['topic'] });
    taken = await stored.take();
  });

  async function restoreTo(target: string, onProgress = (): unknown => undefined): Promise<void> {
    const content = await stored.content(taken);
    await restoreToFolder(stored.vault, content, { target, checkout: false, indexer: 'native', onProgress });
  }

  for (const [what, make, file] of [
    ['has something in it', (target: string) => mkdir(target), 'kept.txt'],
    ['is a file', () => Promise.resolve(), ''],
  ] as const)
    it(`refuses a target that ${what}, and leaves it as it was`, async () => {
      const target = join(await folder(), 'taken');
      await make(target);
      await writeFile(join(target, file), 'kept');
      const failure = await failureOf(restoreTo(target));
      expect(failure.code).to.equal('TargetNotEmpty');
      expect(await readFile(join(target, file), 'utf8')).to.equal('kept');
      expect(await readdir(dirname(target))).to.deep.equal(['taken']);
    });

  it('takes an empty folder', async () => {
    const target = await folder();
    await restoreTo(target);
    await expectSame(target, taken.source);
  });

  it('follows a link to an empty folder, and keeps the link', async () => {
    const place = await folder();
    await mkdir(join(place, 'elsewhere'));
    await symlink('elsewhere', join(place, 'link'));
    await restoreTo(join(place, 'link'));
    expect(await readlink(join(place, 'link'))).to.equal('elsewhere');
    await expectSame(join(place, 'elsewhere'), taken.source);
    expect(await readdir(place)).to.have.members(['elsewhere', 'link']);
  });

  it('refuses a mount point at once, since it cannot be replaced', async function () {
    const mount = await folder();
    // Only root may.
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', mount]).status !== 0) return this.skip();
    try {
      const failure = await failureOf(restoreTo(mount));
      expect(failure.code).to.equal('Usage');
      expect(await readdir(mount)).to.deep.equal([]);
    } finally {
      spawnSync('umount', [mount]);
    }
  });

  for (const [what, make] of [
    ['a folder of somebody else', (partial: string) => writeFile(join(partial, 'thesis.txt'), 'kept')],
    [
      'a folder with a file that only has the name of ours',
      async (partial: string) => {
        await writeFile(join(partial, 'thesis.txt'), 'kept');
        await writeFile(join(partial, 'snapshot'), 'of my house');
      },
    ],
    [
      'a folder with an empty file that has the name of ours',
      async (partial: string) => {
        await writeFile(join(partial, 'thesis.txt'), 'kept');
        await writeFile(join(partial, 'snapshot'), '');
      },
    ],
  ] as const)
    it(`refuses ${what} where it would work, and leaves it as it was`, async () => {
      const target = join(await folder(), 'target');
      const partial = `${target}.holdfast-partial`;
      await mkdir(partial);
      await make(partial);
      const before = await readdir(partial);
      const failure = await failureOf(restoreTo(target));
      expect(failure.code).to.equal('TargetNotEmpty');
      expect(failure.message).to.include(partial);
      expect(await readdir(partial)).to.deep.equal(before);
      expect(await readFile(join(partial, 'thesis.txt'), 'utf8')).to.equal('kept');
    });

  it('refuses a file where it would work, and leaves it as it was', async () => {
    const target = join(await folder(), 'target');
    await writeFile(`${target}.holdfast-partial`, 'kept');
    expect((await failureOf(restoreTo(target))).code).to.equal('TargetNotEmpty');
    expect(await readFile(`${target}.holdfast-partial`, 'utf8')).to.equal('kept');
  });

  it('gives way to what somebody puts in its place meanwhile', async () => {
    const target = join(await folder(), 'target');
    let filled: Promise<unknown> | undefined;
    const fill = async (): Promise<void> => {
      await mkdir(target);
      await writeFile(join(target, 'kept.txt'), 'kept');
    };
    const failure = await failureOf(restoreTo(target, () => (filled ??= fill())));
    await filled;
    expect(failure.code).to.equal('TargetNotEmpty');
    expect(await readdir(target)).to.deep.equal(['kept.txt']);
  });
});

describe('a restore to a folder from damaged data', () => {
  const folder = useTemporaryFolders();

  it('refuses, leaves no target, and goes on once the data is sound again', async () => {
    const stored = await StoredRepository.create(await folder(), bulky(3));
    const [, last] = await stored.chain([addBulk('more')]);
    const content = await stored.content(last!);
    const replaced: Replaced = new Map();
    const vault = new ReplacingVault(stored.vault, replaced);
    const target = join(await folder(), 'restored');
    const options = { target, checkout: false, indexer: 'native' } as const;
    for (const [index, { key }] of content.data.entries()) {
      const bytes = await readFile(join(stored.backups.folder, key));
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1);
      for (const damaged of [undefined, bytes.subarray(0, -1), flipped, Buffer.concat([bytes, Buffer.from('x')])]) {
        replaced.set(key, damaged);
        const failure = await failureOf(restoreToFolder(vault, content, options));
        expect(failure.code).to.equal('Damaged');
        expect(failure.message).to.include(key);
        expect(await lstat(target).catch(() => 'absent')).to.equal('absent');
      }
      replaced.clear();
      if (index < content.data.length - 1) continue;
      await restoreToFolder(vault, content, options);
      await expectSame(target, last!.source);
    }
  });
});
