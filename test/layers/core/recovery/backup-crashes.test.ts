import { expect } from 'chai';
import pMap from 'p-map';
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { drillSnapshot } from '#core/recovery/drill.ts';
import { findLeftovers } from '#core/recovery/leftovers.ts';
import { verifySnapshot } from '#core/recovery/verify.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Manifest } from '#core/vault/manifest.ts';
import { Backups, itemNamed } from '../../../support/backups.ts';
import { CrashingTask, type CrashPlace } from '../../../support/crashing-task.ts';
import { addCommit, createRepository, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';
import { bulky } from './stored-repository.ts';

const item = itemNamed('app');
const later = new Date(Date.now() + 86_400_000);

describe('a backup whose process is killed', () => {
  const folder = useTemporaryFolders();
  let crashing: CrashingTask;

  before(async () => (crashing = await CrashingTask.build(await folder())));

  /** Backs up what was backed up before, or not, and was changed since, or not. */
  async function scene(kind: Manifest['kind']) {
    const place = await folder();
    const repository = await createRepository(join(place, 'app.git'), bulky(5));
    const original = new Backups(join(place, 'vault'));
    const transport = new LocalTransport(repository);
    if (kind !== 'full') await original.take(transport, { item });
    if (kind === 'incremental') await addCommit(repository);
    const snapshot = original.nextSnapshot();
    const task = (vault: string) => ({ action: 'backup', vault, repository, item, snapshot }) as const;
    const copy = async (name: string): Promise<Backups> => {
      const copied = new Backups(join(place, name));
      await cp(original.folder, copied.folder, { recursive: true, force: true }).catch(() => undefined);
      return copied;
    };
    return { repository, transport, snapshot, task, copy };
  }

  for (const kind of ['full', 'incremental', 'unchanged'] as const)
    it(`leaves ${kind === 'incremental' ? 'an' : 'a'} ${kind} snapshot whole or none, wherever that happens, and the next run succeeds`, async () => {
      const { repository, transport, snapshot, task, copy } = await scene(kind);
      const places = await crashing.places(task((await copy('whole')).folder));
      const { refs } = await refsOf(repository);
      const seen = { whole: 0, none: 0, leftovers: 0, unfinished: 0 };
      const check = async (place: CrashPlace, index: number): Promise<void> => {
        const backups = await copy(`killed-${index}`);
        const where = `${place.moment} ${place.name} (${place.step})`;
        await crashing.killAt(place, task(backups.folder));
        const before = await stateOf(backups);
        seen[before.manifests.has(snapshot) ? 'whole' : 'none']++;
        seen.leftovers += before.leftovers.length;
        seen.unfinished += before.unfinished;

        const again = await backups.take(transport, { item, snapshot });
        expect(again.manifest.kind, where).to.equal(kind);
        expect(new Map(Object.entries(again.content.git?.refs ?? {})), where).to.deep.equal(refs);
        const drilled = await drillSnapshot(backups.vault, backups.catalogue, again.outcome.prefix, snapshot, {
          indexer: 'native',
        });
        expect(drilled.problems, where).to.deep.equal([]);
        const after = await stateOf(backups);
        expect(after.manifests, where).to.deep.equal(new Set([...before.manifests, snapshot]));
        expect(after.leftovers, where).to.deep.equal(before.leftovers);
      };
      await pMap(places, check, { concurrency: 3 });
      expect(seen.whole).to.be.above(0);
      expect(seen.none).to.be.above(0);
      expect(seen.unfinished).to.be.above(0);
      if (kind === 'unchanged') expect(seen.leftovers).to.equal(0);
      else expect(seen.leftovers).to.be.above(0);
    });
});

/** What a vault holds, with all of it verified, and its leftovers compared with what the files say. */
async function stateOf(backups: Backups) {
  const files = (await backups.files()).filter((file) => file.startsWith('git/'));
  const manifests = new Set<string>();
  const named = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('/manifest.json'))) {
    const manifest = JSON.parse(await readFile(join(backups.folder, file), 'utf8')) as Manifest;
    manifests.add(manifest.snapshot);
    for (const { key } of manifest.data) named.add(key);
  }
  for await (const entry of backups.catalogue.items('git'))
    for (const found of entry.snapshots.filter(({ hasManifest }) => hasManifest))
      expect((await verifySnapshot(backups.vault, backups.catalogue, found)).problems).to.deep.equal([]);
  const leftovers = (await findLeftovers(backups.vault, later)).map(({ key }) => key);
  expect(leftovers).to.have.members(files.filter((file) => !file.endsWith('/manifest.json') && !named.has(file)));
  const staged = await readdir(join(backups.folder, '.partial')).catch(() => []);
  let unfinished = 0;
  for await (const _ of backups.vault.unfinished()) unfinished++;
  expect(unfinished).to.equal(staged.length);
  return { manifests, leftovers, unfinished };
}
