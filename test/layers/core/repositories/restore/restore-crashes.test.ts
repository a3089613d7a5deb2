import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pMap from 'p-map';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { CrashingTask, type CrashPlace, type Task } from '../../../../support/crashing-task.ts';
import { RecordingVault } from '../../../../support/faulty-vault.ts';
import { git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { addBulk, bulky, everything, expectSame, life, StoredRepository, type Stored } from './stored-repository.ts';

describe('a restore in a process of its own', () => {
  const folder = useTemporaryFolders();
  let crashing: CrashingTask;

  before(async () => (crashing = await CrashingTask.build(await folder())));

  function taskFor(stored: StoredRepository, { outcome }: Stored, target: string, checkout: boolean): Task {
    const { prefix, snapshot } = outcome;
    return { action: 'restore', vault: stored.backups.folder, prefix, snapshot, target, checkout };
  }

  for (const checkout of [false, true])
    it(`that is killed ${checkout ? 'with a working tree' : 'as a bare repository'} leaves no target or a whole one, and the next goes on`, async () => {
      const stored = await StoredRepository.create(await folder(), bulky(2));
      const [, last] = await stored.chain([addBulk('more', 1)]);
      const taken = last!;
      const content = await stored.content(taken);
      const place = await folder();
      const places = await crashing.places(taskFor(stored, taken, join(place, 'whole'), checkout));
      const objectsRead = new Set<number>();
      let whole = 0;
      const check = async (at: CrashPlace, index: number): Promise<void> => {
        const where = `${at.moment} ${at.name} (${at.step})`;
        const target = join(place, `restored-${index}`);
        await crashing.killAt(at, taskFor(stored, taken, target, checkout));
        const found = await lstat(target).catch(() => undefined);
        if (found) whole++;
        else {
          const vault = new RecordingVault(stored.vault);
          await restoreToFolder(vault, content, { target, checkout, indexer: 'native' });
          objectsRead.add(vault.dataRead.length);
          expect(await readdir(place), where).not.to.include(`restored-${index}.holdfast-partial`);
        }
        await expectSame(target, taken.source);
        if (checkout) expect(await git(target, 'status', '--porcelain'), where).to.equal('');
      };
      await pMap(places, check, { concurrency: 3 });
      expect([...objectsRead].every((read) => read <= 2)).to.equal(true);
      // Whole only when it was killed at its very end.
      expect(whole).to.be.below(places.length / 4);
    });

  it('needs no git binary, for a full snapshot and for a chain, bare or with a working tree', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain(life);
    const empty = await folder();
    await mkdir(join(empty, 'bin'));
    for (const [taken, checkout] of [
      [chain[0], false],
      [chain.at(-1)!, false],
      [chain.at(-1)!, true],
    ] as const) {
      const target = join(empty, `${taken.outcome.snapshot}-${checkout}`);
      const { code, errors } = await crashing.run(taskFor(stored, taken, target, checkout), {
        PATH: join(empty, 'bin'),
      });
      expect({ code, errors }).to.deep.equal({ code: 0, errors: 'javascript' });
      await expectSame(target, taken.source);
      if (checkout) expect(await git(target, 'status', '--porcelain')).to.equal('');
    }
  });
});
