import { expect } from 'chai';
import { readFile, rm, writeFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { beginDrill, closeDrill, drillPart, type DrillLimits, type NotDrilled } from '#core/run/scheduled-drill.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { verdictKey } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { main } from '../../../../scripts/cli/main.ts';
import { inProcess } from '../../../support/in-process.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';

const day = 86_400_000;

describe('a scheduled drill', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let vault: FolderVault;
  const holdfast = (...args: string[]) => inProcess(() => main(args), place);

  beforeEach(async () => {
    place = await folder();
    vault = new FolderVault(path.join(place, 'vault'));
    await createRepository(path.join(place, 'a.git'));
    await createRepository(path.join(place, 'b.git'));
    for (let runs = 0; runs < 4; runs++) {
      await holdfast('backup', 'git', './a.git', './b.git', '--quiet');
      await addCommit(path.join(place, 'a.git'));
    }
  });

  const limits = (more: Partial<DrillLimits> = {}): DrillLimits => ({
    indexer: 'native',
    largest: { git: 1e9, other: 1e9 },
    concurrency: 1,
    signal: new AbortController().signal,
    ...more,
  });

  const beginning = (time: Date, slices = 3) => ({
    source: 'git' as const,
    drill: snapshotIdOf(time),
    began: time,
    slices,
  });

  /** As the state machine does: parts until nothing is left, then the end. */
  async function drill(time = new Date(), slices?: number, more?: Partial<DrillLimits>) {
    const it = beginning(time, slices);
    const chain = await beginDrill(vault, it, new AbortController().signal);
    let parts = 0;
    let notDrilled: NotDrilled[] = [];
    for (let left = 1; left > 0; parts++) ({ left, notDrilled } = await drillPart(vault, it, limits(more), notDrilled));
    return { parts, ...(await closeDrill(vault, it, { bytes: 0, notDrilled, chain, unfinished: undefined })) };
  }

  async function snapshots() {
    const found = [];
    for await (const { snapshots: all } of new Catalogue(vault).items('git')) found.push(...all);
    return found;
  }

  /** Moves all verdicts and records into the past, as if the drill that left them had been then. */
  async function age(days: number): Promise<void> {
    for (const prefix of ['checks/git/', 'drills/git/'])
      for await (const { key, modified } of vault.list(prefix)) {
        const then = new Date(modified.getTime() - days * day);
        await utimes(path.join(place, 'vault', key), then, then);
      }
  }

  it('proves the newest of each item, and every other one within so many drills', async () => {
    const proven = [];
    for (let drills = 0; drills < 3; drills++) {
      const { report } = await drill();
      expect(report.snapshots).to.include({ kept: 8, damaged: 0, notDrilled: 0 });
      expect(report.chain.problems).to.deep.equal([]);
      proven.push((await snapshots()).filter(({ checked }) => checked === 'intact').length);
      await age(7);
    }
    expect(proven).to.deep.equal([4, 6, 8]);
  });

  it('goes on where a part of it stopped, and leaves alone what takes all the time there is', async () => {
    const stopped = new AbortController();
    const it = beginning(new Date(), 1);
    const first = await drillPart(vault, it, limits({ signal: stopped.signal, onPhase: undefined } as never), []);
    expect(first).to.include({ drilled: 8, left: 0 });
    await age(7);
    const ended = new AbortController();
    ended.abort(new HoldfastError('Unavailable', 'the time of this part is over'));
    const again = beginning(new Date(), 1);
    const none = await drillPart(vault, again, limits({ signal: ended.signal }), []);
    expect(none).to.include({ drilled: 0, left: 8 });
    expect(await drillPart(vault, again, limits(), none.notDrilled)).to.include({ drilled: 8, left: 0 });
  });

  it('says of what is too large that it was not drilled, and never that it is proven', async () => {
    const { report } = await drill(new Date(), 13, { largest: { git: 10, other: 10 } });
    expect(report.snapshots).to.include({ intact: 0, damaged: 0, neverChecked: 8 });
    expect(report.notDrilled).to.have.length(3);
    expect(report.notDrilled[0]?.why).to.match(/^\d+ bytes are too large for the function/);
  });

  it('finds damage, and says what', async () => {
    const [newest] = (await snapshots()).slice(3, 4);
    const data = path.join(place, 'vault', newest!.objects[0]!.key);
    const bytes = await readFile(data);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 30) ^ 1, bytes.length - 30);
    await rm(data);
    await writeFile(data, bytes);
    const { report } = await drill();
    expect(report.damaged).to.have.length(1);
    expect(report.damaged[0]).to.include({ item: newest!.item, snapshot: newest!.snapshot });
    expect(report.damaged[0]?.problems[0]).to.include('SHA-256');
  });

  it('counts what it found within its first second, where storage tells times to the second', async () => {
    const list = vault.list.bind(vault);
    vault.list = async function* (prefix) {
      for await (const object of list(prefix))
        yield { ...object, modified: new Date(Math.floor(object.modified.getTime() / 1000) * 1000) };
    };
    const { report } = await drill(new Date(Math.floor(Date.now() / 1000) * 1000 + 999));
    expect(report.snapshots.intact).to.be.above(1);
  });

  it('names verdicts that no drill gave, changed ones and missing ones, and records that are gone', async () => {
    await drill();
    const { key } = await drill();
    const [first, , , checked] = await snapshots();
    const forged = verdictKey(first!.item, first!.snapshot, 'intact');
    const changed = verdictKey(checked!.item, checked!.snapshot, 'intact');
    await rm(path.join(place, 'vault', forged), { force: true });
    await vault.replace(forged, Buffer.from('{"verdict":"intact"}'));
    await vault.replace(changed, Buffer.from('{"verdict":"intact"}'));
    await age(3);
    const named = async (): Promise<string[]> => {
      const { report } = await drill();
      return report.chain.problems.map((problem) => `${problem.what} ${problem.key}`);
    };
    const found = await named();
    expect(
      found.some((one) => one.endsWith(forged)),
      found.join(),
    ).to.equal(true);
    expect(found).to.include(`changed ${changed}`);
    await rm(path.join(place, 'vault', changed));
    await rm(path.join(place, 'vault', key));
    const later = await named();
    expect(later).to.include(`missing ${key}`);
  });

  it('sees that a report was changed or taken back which it had seen', async () => {
    const { report: before } = await drill();
    const [newest] = before.chain.roots;
    const file = path.join(place, 'vault', newest!.key);
    const text = await readFile(file, 'utf8');
    await rm(file);
    await writeFile(file, text.replace('complete', 'failed'));
    const { report } = await drill();
    expect(report.chain.problems.map(({ what, key }) => `${what} ${key}`)).to.deep.equal([`changed ${newest!.key}`]);
    await writeFile(file, text);
    expect((await drill()).report.chain.problems).to.deep.equal([]);
  });

  it('takes the verdicts of people for what they are', async () => {
    await drill();
    await holdfast('drill', '--all', '--quiet');
    await age(7);
    const { report } = await drill();
    expect(report.chain.problems).to.deep.equal([]);
    expect((await holdfast('verify', 'git', '--chain')).code).to.equal(0);
  });
});
