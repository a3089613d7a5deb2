import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { addCommit, useTemporaryFolders } from '../../../support/repositories.ts';
import { recordDiskCalls, type DiskCall } from '../../../support/disk-calls.ts';
import { StoredRepository } from '../repositories/restore/stored-repository.ts';

/** What a power cut leaves is what was synced: this looks at the order of the calls, not at a disk. */
describe(`a snapshot in a folder${process.platform === 'linux' ? '' : ' (skipped: needs /proc)'}`, () => {
  const folder = useTemporaryFolders();

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  const at = (calls: DiskCall[], what: DiskCall['what'], matches: (path: string) => boolean): number[] =>
    calls.flatMap((call, index) => (call.what === what && matches(call.path) ? [index] : []));

  it('is on disk with all its folders before its manifest has its name, and the manifest before it is reported', async () => {
    const place = await realpath(await folder());
    const stored = await StoredRepository.create(place, { commits: 3 });
    for (let time = 0; time < 2; time++) {
      const calls = await recordDiskCalls(() => stored.take());
      const isManifest = (name: string): boolean => name.endsWith('/manifest.json');
      const isBundle = (name: string): boolean => name.endsWith('.bundle');
      const [manifestNamed = -1, ...moreManifests] = at(calls, 'name', isManifest);
      const [bundleNamed = -1] = at(calls, 'name', isBundle);
      expect(moreManifests).to.deep.equal([]);
      expect(bundleNamed).to.be.above(0).and.below(manifestNamed);

      // The content of each is synced under its temporary name right before it gets its own.
      const isStaged = (name: string): boolean => name.includes('/.partial/');
      const staged = at(calls, 'sync', isStaged);
      expect(staged.some((index) => index < bundleNamed)).to.equal(true);
      expect(staged.some((index) => index > bundleNamed && index < manifestNamed)).to.equal(true);

      const bundle = calls[bundleNamed]!.path;
      const vault = path.join(place, 'vault');
      // Of a snapshot's path all is new at first; later only its own folder, and the one that names it.
      const top = time === 0 ? vault : path.dirname(path.dirname(bundle));
      for (let above = path.dirname(bundle); above.length >= top.length; above = path.dirname(above)) {
        const synced = at(calls, 'sync', (name) => name === above);
        expect(
          synced.some((index) => index > bundleNamed && index < manifestNamed),
          `${above} with the name of the bundle`,
        ).to.equal(true);
      }
      const itsFolder = at(calls, 'sync', (name) => name === path.dirname(bundle));
      expect(itsFolder.some((index) => index > manifestNamed)).to.equal(true);
      await addCommit(stored.path);
    }
  });

  it('that is restored is on disk before the target has its name, and the name before the restore ends', async () => {
    const place = await realpath(await folder());
    const stored = await StoredRepository.create(place, { commits: 3 });
    const content = await stored.content(await stored.take());
    const target = path.join(place, 'restored.git');
    const options = { target, checkout: false, indexer: 'native' } as const;
    const calls = await recordDiskCalls(() => restoreToFolder(stored.vault, content, options));
    const [named = -1] = at(calls, 'name', (name) => name === target);
    const before = calls.slice(0, named).flatMap(({ what, path: name }) => (what === 'sync' ? [name] : []));
    for (const ending of [
      '.pack',
      '.idx',
      '/packed-refs',
      '/HEAD',
      '/config',
      '/objects/pack',
      '/objects',
      '/repository',
    ])
      expect(
        before.some((name) => name.endsWith(ending)),
        ending,
      ).to.equal(true);
    expect(at(calls, 'sync', (name) => name === place).some((index) => index > named)).to.equal(true);
  });
});
