import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeTree, differences } from './describe-tree.ts';
import { describeCopies } from './needs.ts';
import { changes, fillSource } from './sources.ts';
import { ids, snapshotName, useWorld } from './world.ts';

describeCopies('a snapshot of a file system', () => {
  const world = useWorld();

  it('is the source, entry by entry, with all that an inode can have', async () => {
    const { source, backUp, tree } = world();
    await fillSource(source);
    const before = describeTree(source);
    const { result } = await backUp();
    expect(result.problem).to.equal(undefined);
    expect(result.status).to.equal('success');
    expect(differences(before, describeTree(await tree()))).to.deep.equal([]);
    expect(differences(before, describeTree(source)), 'the source itself').to.deep.equal([]);
    expect(before.size).to.equal(result.statistics?.entries);
    expect(result.vanished).to.equal(0);
  });

  it('keeps holes as holes', async () => {
    const { source, backUp, tree } = world();
    await fillSource(source);
    await backUp();
    const { blocks, size } = statSync(join(await tree(), 'sparse'));
    expect(size).to.equal(8 << 20);
    expect(blocks * 512).to.be.lessThan(1 << 20);
  });

  it('shares every unchanged file with the snapshot before, and no folder', async () => {
    const { source, backUp, tree, snapshots } = world();
    await fillSource(source);
    await backUp();
    const { result } = await backUp();
    const [first = '', second = ''] = await snapshots();
    for (const path of describeTree(source, { attributes: false }).keys()) {
      const place = Buffer.from(`/${path}`, 'latin1');
      const [a, b] = [await tree(first), await tree(second)].map((root) =>
        lstatSync(Buffer.concat([Buffer.from(root), place])),
      );
      if (a!.isFile()) expect(a!.ino, path).to.equal(b!.ino);
      if (a!.isDirectory()) expect(a!.ino, path).not.to.equal(b!.ino);
    }
    expect(result.statistics?.filesTransferred).to.equal(0);
  });

  it('shares files that another one is linked to, too', async () => {
    const { source, backUp, tree, snapshots } = world();
    await fillSource(source);
    await backUp();
    await backUp();
    const [first = '', second = ''] = await snapshots();
    expect(statSync(join(await tree(first), 'two')).ino).to.equal(statSync(join(await tree(second), 'two')).ino);
  });

  it('never changes an older one, whatever changes in the source', async function () {
    this.timeout(60_000);
    const { source, backUp, tree, snapshots } = world();
    await fillSource(source);
    const seen = [];
    for (let round = 0; round < 5; round++) {
      if (round > 0) for (const change of Object.values(changes)) change(source, round);
      seen.push(describeTree(source));
      const { result } = await backUp();
      expect(result.problem).to.equal(undefined);
      for (const [at, name] of (await snapshots()).entries())
        expect(differences(seen[at]!, describeTree(await tree(name))), `${at} after ${round}`).to.deep.equal([]);
    }
    expect(await snapshots()).to.have.length(5);
  });

  for (const [title, change] of Object.entries(changes))
    it(`keeps the older one and sees the change: ${title}`, async () => {
      const { source, backUp, tree, snapshots } = world();
      await fillSource(source);
      const before = describeTree(source);
      await backUp();
      change(source, 1);
      const after = describeTree(source);
      await backUp();
      const [first = '', second = ''] = await snapshots();
      expect(differences(before, after)).not.to.deep.equal([]);
      expect(differences(before, describeTree(await tree(first)))).to.deep.equal([]);
      expect(differences(after, describeTree(await tree(second)))).to.deep.equal([]);
    });

  it('sees a change within the same second and of the same length', async () => {
    const { source, backUp, tree } = world();
    const file = join(source, 'file');
    writeFileSync(file, 'one');
    utimesSync(file, 1_700_000_000.1, 1_700_000_000.1);
    await backUp();
    writeFileSync(file, 'two');
    utimesSync(file, 1_700_000_000.2, 1_700_000_000.2);
    await backUp();
    expect(readFileSync(join(await tree(), 'file'), 'utf8')).to.equal('two');
  });

  it('holds a folder with more entries than one job takes', async () => {
    const { source, backUp, tree } = world();
    for (let number = 0; number < 3500; number++) writeFileSync(join(source, `file-${number}`), `${number}`);
    const before = describeTree(source);
    for (let round = 0; round < 2; round++) {
      const { result } = await backUp();
      expect(result.statistics).to.include({ entries: 3501, files: 3500, filesTransferred: round === 0 ? 3500 : 0 });
    }
    expect(differences(before, describeTree(await tree()))).to.deep.equal([]);
  });

  it('is of the prefix alone', async () => {
    const { source, backUp, tree } = world();
    await fillSource(source);
    await backUp({ prefix: '/folder/inner/' });
    expect(readdirSync(await tree()).sort()).to.deep.equal(['content', 'three']);
  });

  it('is refused where the prefix is no folder', async () => {
    const { backUp } = world();
    const { result } = await backUp({ prefix: '/nowhere' });
    expect(result.problem?.code).to.equal('SourceMissing');
  });

  it('tells in its manifest what it holds and how it came about', async () => {
    const { source, backUp, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    const { manifest } = await backUp();
    const stored = JSON.parse(readFileSync(join(series, snapshotName(1), 'manifest.json'), 'utf8')) as object;
    expect(stored).to.deep.include(manifest);
    expect(manifest).to.deep.include({
      source: ids.source,
      vault: ids.vault,
      snapshot: snapshotName(1),
      prefix: '/',
      statistics: { entries: 2, files: 1, bytes: 7, filesTransferred: 1, bytesTransferred: 7 },
    });
    const list = createHash('sha256')
      .update(readFileSync(join(series, snapshotName(1), 'digests')))
      .digest('hex');
    expect(manifest?.digests).to.deep.equal({ files: 1, sha256: list });
    expect(readdirSync(join(series, snapshotName(1))).sort()).to.deep.equal(['digests', 'manifest.json', 'tree']);
  });

  it('has a manifest that can be checked by hand', async () => {
    const { source, backUp, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    const file = join(series, snapshotName(1), 'manifest.json');
    const digest = execFileSync('sh', ['-c', 'head -n -2 "$1" | sha256sum', 'sh', file], { encoding: 'utf8' });
    expect(readFileSync(file, 'utf8')).to.contain(`"digest": "${digest.slice(0, 64)}"`);
  });

  it('can be looked into by root alone', async () => {
    const { source, backUp, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    expect(statSync(join(series, snapshotName(1))).mode & 0o777).to.equal(0o700);
  });

  it('is made once, however often its task is run', async () => {
    const { source, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    const first = await backUp({ snapshot: snapshotName(7) });
    writeFileSync(join(source, 'file'), 'other');
    const again = await backUp({ snapshot: snapshotName(7) });
    expect(again.result.status).to.equal('success');
    expect(again.manifest).to.deep.equal(first.manifest);
    expect(await snapshots()).to.deep.equal([snapshotName(7)]);
  });

  it('is refused where the source has lost all its files, until that is accepted', async () => {
    const { source, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    execFileSync('rm', [join(source, 'file')]);
    mkdirSync(join(source, 'folder'));
    const { result } = await backUp();
    expect(result).to.deep.include({ status: 'failed' });
    expect(result.problem?.code).to.equal('SourceShrunk');
    expect(await snapshots()).to.have.length(1);
    expect((await backUp({ acceptEmpty: true })).result.status).to.equal('success');
    expect(await snapshots()).to.have.length(2);
  });

  it('may be of a source that never held a file', async () => {
    const { backUp } = world();
    expect((await backUp()).result.statistics).to.include({ entries: 1, files: 0 });
  });

  it('builds on no damaged one, and says so', async () => {
    const { source, backUp, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    const file = join(series, snapshotName(1), 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"files": 1', '"files": 2'));
    const { result, manifest } = await backUp();
    expect(result.status).to.equal('success');
    expect(result.statistics?.filesTransferred).to.equal(1);
    expect(result.warnings.join()).to.contain(snapshotName(1));
    expect(manifest?.previous).to.equal(undefined);
  });
});
