import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeTree, differences } from './describe-tree.ts';
import { describeCopies } from './needs.ts';
import { fillSource } from './sources.ts';
import { ids, snapshotName, useWorld } from './world.ts';

describeCopies('a restore of a file system', () => {
  const world = useWorld();

  const inPlace = { fileSystem: { id: ids.target }, folder: '/', inPlace: true };

  it('brings everything back into a new folder, and compares it', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    const before = describeTree(source);
    await backUp();
    const { result } = await restore();
    expect(result.problem).to.equal(undefined);
    expect(differences(before, describeTree(join(target, 'restored')))).to.deep.equal([]);
    const files = [...before.keys()].filter((path) => lstatSync(Buffer.from(`${source}/${path}`, 'latin1')).isFile());
    expect(result.restored).to.deep.equal({ folder: '/restored', compared: files.length, different: 0, deleted: 0 });
    expect(result.statistics?.entries).to.equal(before.size);
  });

  it('shares nothing with the snapshot, so that work in it changes no backup', async () => {
    const { source, target, backUp, restore, tree } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    await restore();
    writeFileSync(join(target, 'restored/file'), 'other');
    chmodSync(join(target, 'restored/file'), 0o777);
    expect(readFileSync(join(await tree(), 'file'), 'utf8')).to.equal('content');
    expect(statSync(join(await tree(), 'file')).nlink).to.equal(1);
  });

  it('brings back the snapshot that is named, or else the newest', async () => {
    const { source, target, backUp, restore } = world();
    for (const content of ['one', 'two']) {
      writeFileSync(join(source, 'file'), content);
      await backUp();
    }
    const named = await restore({ snapshot: snapshotName(1) });
    expect(named.result.snapshot).to.equal(snapshotName(1));
    expect(readFileSync(join(target, 'restored/file'), 'utf8')).to.equal('one');
    await restore({ target: { ...inPlace, folder: '/newest', inPlace: false } });
    expect(readFileSync(join(target, 'newest/file'), 'utf8')).to.equal('two');
  });

  it('brings a folder back to where it belongs, with the folders above it as they were', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    const before = describeTree(source);
    await backUp();
    await restore({ path: '/folder/inner' });
    expect(readdirSync(join(target, 'restored'))).to.deep.equal(['folder']);
    expect(readdirSync(join(target, 'restored/folder'))).to.deep.equal(['inner']);
    const found = describeTree(join(target, 'restored'));
    for (const path of ['folder/inner', 'folder/inner/content']) expect(found.get(path)).to.equal(before.get(path));
    expect(found.get('folder')?.split(' ').slice(0, 2)).to.deep.equal(before.get('folder')?.split(' ').slice(0, 2));
  });

  it('in place leaves what the snapshot does not have, and everything beside the folder', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    await backUp();
    mkdirSync(join(target, 'folder/inner'), { recursive: true });
    writeFileSync(join(target, 'folder/inner/content'), 'broken');
    writeFileSync(join(target, 'folder/inner/newer'), 'newer');
    writeFileSync(join(target, 'folder/beside'), 'beside');
    writeFileSync(join(target, 'other'), 'other');
    const beside = describeTree(target);
    const { result } = await restore({ path: '/folder/inner', target: inPlace });
    expect(result.problem).to.equal(undefined);
    const after = describeTree(target);
    for (const path of ['folder/inner/newer', 'folder/beside', 'other', 'folder', ''])
      expect(after.get(path), path).to.equal(beside.get(path));
    expect(readFileSync(join(target, 'folder/inner/content'), 'utf8')).to.equal('content');
    expect(result.restored?.deleted).to.equal(0);
  });

  it('in place with removal makes the folder what the snapshot has, and touches nothing beside it', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    const before = describeTree(join(source, 'folder'));
    await backUp();
    mkdirSync(join(target, 'folder/more/inner'), { recursive: true });
    writeFileSync(join(target, 'folder/more/inner/file'), 'more');
    writeFileSync(join(target, 'folder/newer'), 'newer');
    writeFileSync(join(target, 'other'), 'other');
    const { result } = await restore({ path: '/folder', target: inPlace, delete: true });
    expect(result.problem).to.equal(undefined);
    expect(result.restored?.deleted).to.equal(4);
    expect(differences(before, describeTree(join(target, 'folder')))).to.deep.equal([]);
    expect(readdirSync(target).sort()).to.deep.equal(['folder', 'other']);
  });

  it('makes way for a file where a folder is only when things may be removed', async () => {
    const { source, target, backUp, restore } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    mkdirSync(join(target, 'file/inner'), { recursive: true });
    writeFileSync(join(target, 'file/inner/precious'), 'precious');
    expect((await restore({ target: inPlace })).result.problem?.code).to.equal('CopyFailed');
    expect(existsSync(join(target, 'file/inner/precious'))).to.equal(true);
    expect((await restore({ target: inPlace, delete: true })).result.problem).to.equal(undefined);
    expect(readFileSync(join(target, 'file'), 'utf8')).to.equal('content');
  });

  it('counts beforehand what it would copy and remove, and changes nothing by that', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    await backUp();
    mkdirSync(join(target, 'folder'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(target, 'folder', name), name);
    const before = describeTree(target);
    const options = { path: '/folder', target: inPlace, delete: true } as const;
    const { result } = await restore({ ...options, dryRun: true });
    expect(differences(before, describeTree(target))).to.deep.equal([]);
    expect(result.restored).to.deep.equal({ folder: '/folder', compared: 0, different: 0, deleted: 3 });
    expect(result.statistics?.filesTransferred).to.equal(4);
    expect((await restore(options)).result.restored?.deleted).to.equal(3);
  });

  it('counts what it would copy into a folder that is not there, and does not make it', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    await backUp();
    const { result } = await restore({ path: '/folder', dryRun: true });
    expect(result.problem).to.equal(undefined);
    expect(result.statistics?.filesTransferred).to.equal(4);
    expect(readdirSync(target)).to.deep.equal([]);
  });

  it('refuses to remove more than was allowed, before it changes anything', async () => {
    const { source, target, backUp, restore } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(target, name), name);
    const { result } = await restore({ target: inPlace, delete: true, maxDelete: 2 });
    expect(result.problem?.code).to.equal('TooLarge');
    expect(readdirSync(target).sort()).to.deep.equal(['a', 'b', 'c']);
  });

  it('removes nothing outside of a restore in place', async () => {
    const { source, backUp, restore } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    expect((await restore({ delete: true })).result.problem?.code).to.equal('Usage');
  });

  it('refuses a folder that is there already', async () => {
    const { source, target, backUp, restore } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    mkdirSync(join(target, 'restored'));
    const { result } = await restore();
    expect(result.problem?.code).to.equal('TargetNotEmpty');
    expect(readdirSync(join(target, 'restored'))).to.deep.equal([]);
  });

  it('goes on in the folder that an interrupted restore of the same snapshot began, and in no other', async () => {
    const { source, target, backUp, restore } = world();
    await fillSource(source);
    const before = describeTree(source);
    await backUp();
    await backUp();
    const stop = new AbortController();
    const first = restore({}, stop.signal);
    while (!existsSync(join(target, 'restored/folder'))) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect((await first).result.status).to.equal('incomplete');
    expect((await restore({ snapshot: snapshotName(1) })).result.problem?.code).to.equal('TargetNotEmpty');
    const again = await restore();
    expect(again.result.problem).to.equal(undefined);
    expect(differences(before, describeTree(join(target, 'restored')))).to.deep.equal([]);
  });

  it('goes through no symbolic link out of its target', async () => {
    const { folder, source, target, backUp, restore } = world();
    await fillSource(source);
    await backUp();
    mkdirSync(join(folder, 'outside/inner'), { recursive: true });
    symlinkSync(join(folder, 'outside'), join(target, 'way-out'));
    symlinkSync(join(folder, 'outside'), join(target, 'folder'));
    for (const changes of [
      { target: { ...inPlace, folder: '/way-out' } },
      { target: { ...inPlace, folder: '/way-out/new', inPlace: false } },
      { path: '/folder/inner', target: inPlace },
    ])
      expect((await restore(changes)).result.problem?.code, JSON.stringify(changes)).to.equal('Usage');
    // A link where the snapshot has a folder is replaced, and not followed.
    expect((await restore({ target: inPlace })).result.problem).to.equal(undefined);
    expect(describeTree(join(folder, 'outside')).size).to.equal(2);
    expect(lstatSync(join(target, 'folder')).isDirectory()).to.equal(true);
  });

  it('refuses what leads through a symbolic link in the snapshot', async () => {
    const { source, backUp, restore } = world();
    await fillSource(source);
    await backUp();
    expect((await restore({ path: '/link' })).result.problem?.code).to.equal('Usage');
  });

  const refused: Record<
    string,
    { arrange?: (world: ReturnType<typeof useWorld>) => void; code: string; changes?: object }
  > = {
    'a snapshot that is not there': { code: 'NotFound', changes: { snapshot: snapshotName(99) } },
    'a folder that the snapshot does not have': { code: 'NotFound', changes: { path: '/nowhere' } },
    'a series without a snapshot': { code: 'NotFound', changes: { interval: 'monthly' } },
    'a damaged manifest': {
      code: 'Damaged',
      changes: { snapshot: snapshotName(1) },
      arrange: (world) => {
        const file = join(world().series, snapshotName(1), 'manifest.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"prefix": "/"', '"prefix": "/x"'));
      },
    },
    'a snapshot without its tree': {
      code: 'Damaged',
      arrange: (world) => rmSync(join(world().series, snapshotName(1), 'tree'), { recursive: true }),
    },
    'a target that is not mounted': {
      code: 'MountFailed',
      arrange: (world) => world().mounted.delete(world().target),
    },
    'a vault that is not mounted': { code: 'MountFailed', arrange: (world) => world().mounted.delete(world().vault) },
    'the vault as its target': {
      code: 'Usage',
      changes: { target: { fileSystem: { id: ids.vault }, folder: '/x', inPlace: false } },
    },
    'a folder in place that is not there': {
      code: 'NotFound',
      changes: { target: { ...inPlace, folder: '/nowhere' } },
    },
  };
  for (const [what, { arrange, code, changes = {} }] of Object.entries(refused))
    it(`refuses ${what}, and writes nothing`, async () => {
      const { source, target, backUp, restore } = world();
      writeFileSync(join(source, 'file'), 'content');
      await backUp();
      arrange?.(world);
      const { result } = await restore(changes);
      expect(result.status).to.equal('failed');
      expect(result.problem?.code).to.equal(code);
      expect(readdirSync(target)).to.deep.equal([]);
    });

  it('fails where a restored file is not what the snapshot holds', async () => {
    const { source, target, backUp, restore } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    writeFileSync(join(target, 'file'), 'CONTENT');
    // rsync takes files of the same time and length for equal; the comparison does not.
    const { atime, mtime } = statSync(join(source, 'file'));
    utimesSync(join(target, 'file'), atime, mtime);
    utimesSync(join(source, 'file'), atime, mtime);
    await backUp();
    const { result } = await restore({ target: inPlace });
    expect(result.problem?.code).to.equal('CopyFailed');
    expect(result.restored).to.include({ compared: 1, different: 1 });
  });

  it('compares a sample where not all is asked for', async () => {
    const { source, backUp, restore } = world();
    for (let number = 0; number < 1100; number++) writeFileSync(join(source, `file-${number}`), `${number}`);
    await backUp();
    expect((await restore({ verify: 'sample' })).result.restored?.compared).to.equal(1000);
  });
});
