import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pMap from 'p-map';
import { FolderVault, stagingFolder } from '#core/vault/storage/folder/folder-vault.ts';
import { CrashingWriter, crashKey, type CrashAction } from '../../../support/crash-vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { codeOf, contentOf, keysOf, store, stored } from '../../../support/vault-content.ts';

describe('a vault in a folder whose writer is killed', () => {
  const temporaryFolder = useTemporaryFolders();
  let program: CrashingWriter;
  let folder: string;

  before(async () => {
    folder = await temporaryFolder();
    program = await CrashingWriter.build(folder);
  });

  async function contentFile(action: CrashAction, content: Buffer): Promise<string> {
    const file = path.join(folder, action);
    await writeFile(file, content);
    return file;
  }

  /** What is there after a kill at each place in turn; `other` where it is nothing that may be there. */
  async function outcomes(action: CrashAction, content: Buffer, before?: Buffer): Promise<string[]> {
    const file = await contentFile(action, content);
    const places = await program.places(path.join(folder, `${action}-whole`), action, file);
    return pMap(
      places,
      async (place) => {
        const vault = new FolderVault(path.join(folder, `${action}-${place.step}-${place.moment}`));
        if (before) await vault.create(crashKey, before);
        await program.killAt(place, vault.location, action, file);

        const found = await stored(vault, crashKey);
        expect(await keysOf(vault)).to.deep.equal(found ? [crashKey] : []);
        expect(await keysOf(vault, stagingFolder)).to.deep.equal([]);
        if (!found) return 'absent';
        if (found.equals(content)) return 'whole';
        if (before && found.equals(before)) return 'as before';
        return found.length === 0 ? 'empty' : 'other';
      },
      { concurrency: 2 },
    );
  }

  /** First one thing, then another, and nothing else: there is one moment at which the object begins to exist. */
  function expectSwitch(found: string[], from: string, to: string): void {
    const first = found.indexOf(to);
    expect(first).to.be.greaterThan(0);
    expect(found).to.deep.equal(found.map((_, index) => (index < first ? from : to)));
  }

  for (const [action, bytes] of [
    ['create', 3_000],
    ['write', 2_500_000],
  ] as const)
    it(`holds the whole object or none of it: ${action}`, async () => {
      expectSwitch(await outcomes(action, contentOf(bytes)), 'absent', 'whole');
    });

  it('holds the old object or the new one: replace', async () => {
    expectSwitch(await outcomes('replace', contentOf(3_000), contentOf(4_000, 2)), 'as before', 'whole');
  });

  it('holds the whole object, none of it, or its bare name where there are no hard links: create', async () => {
    const found = await outcomes('create without hard links', contentOf(3_000));
    expect(found).to.include.members(['absent', 'whole']);
    expect(found.filter((state) => state === 'empty')).to.have.length.at.most(1);
    expectSwitch(
      found.filter((state) => state !== 'empty'),
      'absent',
      'whole',
    );
  });

  it('has the content on disk before the object has its name, and the name on disk before it is done', async () => {
    const file = await contentFile('write', contentOf(2_500_000));
    const places = await program.places(path.join(folder, 'order'), 'write', file);
    const names = places.filter(({ moment }) => moment === 'after').map(({ name }) => name);
    expect(names.lastIndexOf('write')).to.be.lessThan(names.indexOf('sync'));
    expect(names.indexOf('sync')).to.be.lessThan(names.indexOf('link'));
    // The folder that was made for it, and the one above that.
    expect(names.slice(names.indexOf('link')).filter((name) => name === 'sync')).to.have.length(2);
  });

  it('takes the next attempt, be there leftovers or the object', async () => {
    const content = contentOf(1_500_000);
    const file = await contentFile('write', content);
    const places = await program.places(path.join(folder, 'again-whole'), 'write', file);
    const middle = places.find(({ moment }) => moment === 'middle');
    const linked = places.find(({ name, moment }) => name === 'link' && moment === 'after');

    const half = new FolderVault(path.join(folder, 'again-half'));
    await program.killAt(middle!, half.location, 'write', file);
    expect(await readdir(path.join(half.location, stagingFolder))).to.have.length(1);
    await store(half, crashKey, content);
    expect(await stored(half, crashKey)).to.deep.equal(content);

    const done = new FolderVault(path.join(folder, 'again-done'));
    await program.killAt(linked!, done.location, 'write', file);
    expect(await readdir(path.join(done.location, stagingFolder))).to.have.length(1);
    expect(await codeOf(store(done, crashKey, contentOf(5)))).to.equal('AlreadyExists');
    expect(await stored(done, crashKey)).to.deep.equal(content);
  });

  it('does not take an abandoned file for an object', async () => {
    const vault = new FolderVault(path.join(folder, 'abandoned'));
    await mkdir(path.join(vault.location, stagingFolder), { recursive: true });
    await writeFile(path.join(vault.location, stagingFolder, 'x'), 'left');
    for (const prefix of ['', '.', stagingFolder, `${stagingFolder}/`, `${stagingFolder}/x`])
      expect(await keysOf(vault, prefix)).to.deep.equal([]);
    for (const act of [vault.create(`${stagingFolder}/x`, contentOf(1)), vault.remove(`${stagingFolder}/x`)])
      expect(await codeOf(act)).to.equal('StorageFailed');
    expect(await readdir(path.join(vault.location, stagingFolder))).to.deep.equal(['x']);
  });
});
