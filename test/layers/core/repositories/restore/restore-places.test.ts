/** Where something can be restored to, and where it cannot: each place says what is wrong there, and what to do. */
import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToBundle } from '#core/repositories/restore/restore-bundle.ts';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { targetError } from '#core/repositories/restore/target-error.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { StoredRepository } from './stored-repository.ts';

describe('a place to restore to', () => {
  const folder = useTemporaryFolders();
  let stored: StoredRepository;
  let content: RepositoryContent;

  before(async () => {
    stored = await StoredRepository.create(await folder());
    content = await stored.content(await stored.take());
  });

  const restore = (target: string): Promise<void> =>
    restoreToFolder(stored.vault, content, { target, checkout: false, indexer: 'native' });

  it('below a file, or with a name that is too long, is refused with the reason', async () => {
    const place = await folder();
    await writeFile(join(place, 'file'), '');
    for (const target of [join(place, 'file', 'restored'), join(place, 'x'.repeat(300))]) {
      expect(await failureOf(restore(target))).to.include({ code: 'Usage' });
      const bundle = restoreToBundle(stored.vault, content, `${target}.bundle`);
      expect((await failureOf(bundle)).code).to.equal('Usage');
    }
    expect(await readdir(place)).to.deep.equal(['file']);
  });

  for (const [code, expected] of [
    ['ENOSPC', 'StorageFailed'],
    ['EDQUOT', 'StorageFailed'],
    ['EROFS', 'StorageFailed'],
    ['EACCES', 'AccessDenied'],
    ['EPERM', 'AccessDenied'],
    ['EIO', 'StorageFailed'],
  ] as const)
    it(`that answers ${code} is named`, () => {
      const error = targetError('/target/here', Object.assign(new Error('no'), { code }));
      expect(error).to.include({ code: expected });
      expect(String(error)).to.include('/target');
    });

  async function prepared(): Promise<{ target: string; partial: string }> {
    const target = join(await folder(), 'restored');
    const partial = `${target}.holdfast-partial`;
    await mkdir(join(partial, 'repository'), { recursive: true });
    await writeFile(join(partial, 'snapshot'), `${content.snapshot.digest} bare\n`);
    await writeFile(join(partial, 'repository', 'planted'), '');
    return { target, partial };
  }

  it('where another user began a restore is left to that user', async function () {
    // Only the superuser can make something belong to another.
    if (process.getuid?.() !== 0) this.skip();
    const { target, partial } = await prepared();
    await chown(partial, 65_534, 65_534);
    const error = await failureOf(restore(target));
    expect(error).to.include({ code: 'TargetNotEmpty' });
    expect(error.message).to.include('another user');
  });

  it('where everybody could have written since a restore began gets a new one', async () => {
    const { target, partial } = await prepared();
    await chmod(partial, 0o777);
    await restore(target);
    expect(await readdir(target)).not.to.include('planted');
    expect((await stat(target)).mode & 0o002).to.equal(0);
  });

  it('is not reached by a link that somebody laid', async () => {
    const place = await folder();
    const elsewhere = await folder();
    await symlink(elsewhere, join(place, 'restored.holdfast-partial'));
    expect(await failureOf(restore(join(place, 'restored')))).to.include({ code: 'TargetNotEmpty' });
    expect(await readdir(elsewhere)).to.deep.equal([]);
  });
});
