/** What the EFS-to-EFS solution did wrong, of what concerns the program on the instance. */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readStatistics } from '#core/filesystems/rsync.ts';
import { describeTree, differences } from './describe-tree.ts';
import { describeCopies } from './needs.ts';
import { fillSource } from './sources.ts';
import { ids, snapshotName, taskOf, useWorld } from './world.ts';

describeCopies('a defect of the old solution that is gone', () => {
  const world = useWorld();
  const inPlace = { fileSystem: { id: ids.target }, folder: '/', inPlace: true };

  it('a change of mode or owner rewrote history in every snapshot that shared the file', async () => {
    const { source, backUp, tree } = world();
    const file = join(source, 'file');
    writeFileSync(file, 'content', { mode: 0o644 });
    await backUp();
    chmodSync(file, 0o600);
    chownSync(file, 1000, 1000);
    await backUp();
    expect(statSync(join(await tree(snapshotName(1)), 'file'))).to.include({ mode: 0o100644, uid: 0 });
    expect(statSync(join(await tree(snapshotName(2)), 'file'))).to.include({ mode: 0o100600, uid: 1000 });
  });

  it('… and so it did when an interrupted copy was continued', async () => {
    const { source, backUp, tree, series } = world();
    for (let number = 0; number < 300; number++)
      writeFileSync(join(source, `file-${number}`), 'content', { mode: 0o644 });
    await backUp();
    const before = describeTree(source);
    const stop = new AbortController();
    writeFileSync(join(source, 'more'), 'more');
    const interrupted = backUp({}, stop.signal);
    const begun = (): boolean =>
      readdirSync(series).some((name) => name.startsWith('.') && existsSync(join(series, name, 'tree', 'file-7')));
    while (!begun()) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect((await interrupted).result.status).to.equal('incomplete');
    for (let number = 0; number < 300; number++) chmodSync(join(source, `file-${number}`), 0o600);
    expect((await backUp()).result.status).to.equal('success');
    expect(differences(before, describeTree(await tree(snapshotName(1))))).to.deep.equal([]);
    expect(differences(describeTree(source), describeTree(await tree()))).to.deep.equal([]);
    expect(readdirSync(series).filter((name) => name.startsWith('.'))).to.deep.equal([]);
  });

  it('restoring a folder wiped everything else in the root of the source', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    await backUp();
    mkdirSync(join(target, 'folder'));
    writeFileSync(join(target, 'precious'), 'precious');
    for (const removes of [false, true]) {
      const { result } = await restore({ path: '/folder', target: inPlace, delete: removes });
      expect(result.status).to.equal('success');
      expect(readFileSync(join(target, 'precious'), 'utf8')).to.equal('precious');
    }
  });

  it('an empty backup wiped the source', async () => {
    const { target, backUp, restore } = world();
    await backUp();
    writeFileSync(join(target, 'precious'), 'precious');
    for (const removes of [false, true]) {
      const { result } = await restore({ target: inPlace, delete: removes });
      expect(result.problem?.code).to.equal('Usage');
    }
    expect(readdirSync(target)).to.deep.equal(['precious']);
  });

  it('an empty folder of a backup wiped the folder', async () => {
    const { source, target, backUp, restore } = world();
    writeFileSync(join(source, 'file'), 'content');
    mkdirSync(join(source, 'empty'));
    await backUp();
    mkdirSync(join(target, 'empty'));
    writeFileSync(join(target, 'empty/precious'), 'precious');
    const { result } = await restore({ path: '/empty', target: inPlace, delete: true });
    expect(result.problem?.code).to.equal('Usage');
    expect(readdirSync(join(target, 'empty'))).to.deep.equal(['precious']);
  });

  it('the check for a missing backup never fired', async () => {
    const { target, backUp, restore, series } = world();
    await backUp();
    rmSync(series, { recursive: true });
    const { result } = await restore({ target: inPlace, delete: true });
    expect(result.problem?.code).to.equal('NotFound');
    expect(readdirSync(target)).to.deep.equal([]);
  });

  it('hard links of the source were lost', async () => {
    const { source, backUp, tree } = world();
    // Far apart, so that different workers would see them.
    for (const folder of ['a', 'b', 'c']) mkdirSync(join(source, folder));
    writeFileSync(join(source, 'a/file'), 'content');
    for (const folder of ['b', 'c']) linkSync(join(source, 'a/file'), join(source, folder, 'file'));
    for (let round = 1; round <= 2; round++) {
      await backUp();
      const root = await tree();
      expect(new Set(['a', 'b', 'c'].map((folder) => statSync(join(root, folder, 'file')).ino)).size).to.equal(1);
    }
  });

  it('a folder replaced by a file broke the copy, and the reverse', async () => {
    const { source, backUp, tree } = world();
    mkdirSync(join(source, 'one/inner'), { recursive: true });
    writeFileSync(join(source, 'two'), 'file');
    await backUp();
    rmSync(join(source, 'one'), { recursive: true });
    writeFileSync(join(source, 'one'), 'file now');
    rmSync(join(source, 'two'));
    mkdirSync(join(source, 'two/inner'), { recursive: true });
    expect((await backUp()).result.status).to.equal('success');
    expect(differences(describeTree(source), describeTree(await tree()))).to.deep.equal([]);
  });

  it('keeping fewer than before orphaned the older ones', async () => {
    const { source, backUp, snapshots, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    for (let round = 0; round < 5; round++) await backUp({ retain: 5 });
    const { result } = await backUp({ retain: 2 });
    expect(await snapshots()).to.deep.equal([snapshotName(5), snapshotName(6)]);
    expect(readdirSync(series)).to.have.length(2);
    expect(result.removed?.snapshots).to.deep.equal([1, 2, 3, 4].map(snapshotName));
  });

  it('keeping one removed the only backup before the next was made', async () => {
    const { source, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp({ retain: 1 });
    rmSync(join(source, 'file'));
    expect((await backUp({ retain: 1 })).result.status).to.equal('failed');
    expect(await snapshots()).to.deep.equal([snapshotName(1)]);
    writeFileSync(join(source, 'file'), 'content');
    await backUp({ retain: 1 });
    expect(await snapshots()).to.deep.equal([snapshotName(3)]);
  });

  it('a run that failed used up one of the kept backups', async () => {
    const { source, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp({ retain: 2 });
    await backUp({ retain: 2 });
    rmSync(join(source, 'file'));
    for (let round = 0; round < 3; round++) await backUp({ retain: 2 });
    expect(await snapshots()).to.deep.equal([snapshotName(1), snapshotName(2)]);
  });

  it('after the signal to stop it went on to removing', async () => {
    const { source, run, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    for (let round = 0; round < 3; round++) await backUp();
    const stop = new AbortController();
    stop.abort();
    const { result } = await run({ ...taskOf(9), retain: 1 }, stop.signal);
    expect(result.status).to.equal('incomplete');
    expect(result.removed).to.equal(undefined);
    expect(await snapshots()).to.have.length(3);
  });

  it('statistics grouped by commas broke the sums', () => {
    const printed = [
      'Number of files: 1,234,567 (reg: 1,200,000, dir: 34,567)',
      'Number of deleted files: 1,001 (reg: 1,000, dir: 1)',
      'Number of regular files transferred: 12,345',
      'Total transferred file size: 9,876,543,210 bytes',
    ].join('\n');
    const wanted = { files: 12_345, bytes: 9_876_543_210, deleted: 1001 };
    expect(readStatistics(printed)).to.deep.equal(wanted);
    expect(readStatistics(printed.replaceAll(',', '.'))).to.deep.equal(wanted);
    expect(readStatistics(printed.replaceAll(',', ''))).to.deep.equal(wanted);
  });

  it('copying that failed was reported as a window that expired', async () => {
    const { source, run, mounted } = world();
    mounted.set(source, 'fs-0000000f');
    const failed = await run(taskOf(1));
    expect(failed.result).to.include({ status: 'failed' });
    mounted.set(source, ids.source);
    const expired = await run({ ...taskOf(2), windowEnds: new Date().toISOString() });
    expect(expired.result).to.include({ status: 'incomplete' });
    expect(expired.result.problem?.message).to.contain('window');
  });

  it('an unmounted source emptied the copy', async () => {
    const { source, backUp, mounted, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    mounted.delete(source);
    rmSync(join(source, 'file'));
    const { result } = await backUp();
    expect(result.problem?.code).to.equal('MountFailed');
    expect(await snapshots()).to.deep.equal([snapshotName(1)]);
  });
});
