import { expect } from 'chai';
import pMap from 'p-map';
import { CrashingTask, type CrashPlace } from '../../../../support/crashing-task.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { bulky } from '../restore/stored-repository.ts';
import { Scene, stateOf } from '../restore/vault-state.ts';

describe('a backup whose process is killed', () => {
  const folder = useTemporaryFolders();
  let crashing: CrashingTask;

  before(async () => (crashing = await CrashingTask.build(await folder())));

  for (const kind of ['full', 'incremental', 'unchanged'] as const)
    it(`leaves the snapshot whole or none of it, wherever that happens, and can be tried again: ${kind}`, async () => {
      const scene = await Scene.create(await folder(), kind, bulky(4));
      const { repository, item, snapshot } = scene;
      const task = (vault: string) => ({ action: 'backup', vault, repository, item, snapshot }) as const;
      const places = await crashing.places(task((await scene.copy('whole')).folder));
      const seen = { whole: 0, none: 0, leftovers: 0, unfinished: 0 };
      const check = async (place: CrashPlace, index: number): Promise<void> => {
        const backups = await scene.copy(`killed-${index}`);
        await crashing.killAt(place, task(backups.folder));
        const before = await stateOf(backups);
        seen[before.manifests.has(snapshot) ? 'whole' : 'none']++;
        seen.leftovers += before.leftovers.length;
        seen.unfinished += before.unfinished;
        await scene.expectRecovers(backups, before, `${place.moment} ${place.name} (${place.step})`);
      };
      await pMap(places, check, { concurrency: 3 });
      expect(seen.whole).to.be.above(0);
      expect(seen.none).to.be.above(0);
      expect(seen.unfinished).to.be.above(0);
      expect(seen.leftovers).to.be.above(0);
    });
});
