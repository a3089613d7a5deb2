import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemMounts } from '#core/filesystems/mounts.ts';
import { describeCopies, mayMount } from './needs.ts';
import { ids, snapshotName, useWorld } from './world.ts';

const nfs = 'rw,vers=4.1,rsize=1048576,wsize=1048576,namlen=255,hard,noresvport,proto=tcp';

describeCopies('what is mounted', () => {
  const world = useWorld();

  function mountsOf(lines: readonly string[], notes: readonly string[] = []) {
    const stateFolder = join(world().folder, 'efs');
    mkdirSync(stateFolder, { recursive: true });
    for (const note of notes) writeFileSync(join(stateFolder, note), '{}');
    const mountInfo = join(world().folder, 'mountinfo');
    writeFileSync(mountInfo, ['21 1 259:1 / / rw shared:1 - ext4 /dev/root rw', ...lines, ''].join('\n'));
    return systemMounts({ mountInfo, stateFolder });
  }

  const line = (place: string, type: string, source: string, options: string): string =>
    `36 21 0:40 / ${place} rw,relatime shared:20 - ${type} ${source} ${options}`;

  it('is told by the name of the server without TLS', async () => {
    const source = 'us-east-1a.fs-0123456789abcdef0.efs.us-east-1.amazonaws.com:/';
    const mounts = mountsOf([line('/mnt/one', 'nfs4', source, nfs), line('/mnt/two', 'nfs4', source.slice(11), nfs)]);
    for (const place of ['/mnt/one', '/mnt/two'])
      expect(await mounts.fileSystemAt(place)).to.equal('fs-0123456789abcdef0');
    expect(await mounts.fileSystemAt('/mnt')).to.equal(undefined);
    expect(await mounts.fileSystemAt('/mnt/one/inner')).to.equal(undefined);
  });

  it('is told by the note of the mount helper over TLS', async () => {
    const mounts = mountsOf(
      [
        line('/mnt/holdfast/source', 'nfs4', '127.0.0.1:/', `${nfs},port=20049,clientaddr=127.0.0.1`),
        line('/mnt/holdfast/vault', 'nfs4', '127.0.0.1:/', `${nfs},port=20050,clientaddr=127.0.0.1`),
        line('/mnt/holdfast/target', 'nfs4', '127.0.0.1:/', `${nfs},port=20051,clientaddr=127.0.0.1`),
      ],
      [
        'fs-aaaaaaaa.mnt.holdfast.source.20049',
        'fs-aaaaaaaa.mnt.holdfast.source.20049+',
        'fs-bbbbbbbb.mnt.holdfast.vault.20050',
        // Not yet mounted, on another port, and of another place.
        '~fs-cccccccc.mnt.holdfast.target.20051',
        'fs-cccccccc.mnt.holdfast.target.20052',
        'fs-cccccccc.mnt.other.target.20051',
      ],
    );
    expect(await mounts.fileSystemAt('/mnt/holdfast/source')).to.equal('fs-aaaaaaaa');
    expect(await mounts.fileSystemAt('/mnt/holdfast/vault')).to.equal('fs-bbbbbbbb');
    expect(await mounts.fileSystemAt('/mnt/holdfast/target')).to.equal(undefined);
  });

  it('is not believed where two notes contradict each other', async () => {
    const mounts = mountsOf(
      [line('/mnt/source', 'nfs4', '127.0.0.1:/', `${nfs},port=20049`)],
      ['fs-aaaaaaaa.mnt.source.20049', 'fs-bbbbbbbb.mnt.source.20049'],
    );
    expect(await mounts.fileSystemAt('/mnt/source')).to.equal(undefined);
  });

  it('is what was mounted last over the same place', async () => {
    const efs = (id: string): string => `${id}.efs.us-east-1.amazonaws.com:/`;
    const mounts = mountsOf([
      line('/mnt/a', 'nfs4', efs('fs-aaaaaaaa'), nfs),
      line('/mnt/a', 'nfs4', efs('fs-bbbbbbbb'), nfs),
      line('/mnt/b', 'nfs4', efs('fs-aaaaaaaa'), nfs),
      line('/mnt/b', 'tmpfs', 'none', 'rw'),
    ]);
    expect(await mounts.fileSystemAt('/mnt/a')).to.equal('fs-bbbbbbbb');
    expect(await mounts.fileSystemAt('/mnt/b')).to.equal(undefined);
  });

  it('may stand at a place with blanks', async () => {
    const source = 'fs-aaaaaaaa.efs.us-east-1.amazonaws.com:/';
    const mounts = mountsOf([line('/mnt/with\\040a\\040blank', 'nfs4', source, nfs)]);
    expect(await mounts.fileSystemAt('/mnt/with a blank')).to.equal('fs-aaaaaaaa');
  });

  it('is nothing in a plain folder, nor where another kind of file system is, by what the system says', async function () {
    const { source } = world();
    const mounts = systemMounts();
    expect(await mounts.fileSystemAt(source)).to.equal(undefined);
    if (!mayMount(source)) this.skip();
    execFileSync('mount', ['-t', 'tmpfs', 'none', source]);
    try {
      expect(await mounts.fileSystemAt(source)).to.equal(undefined);
    } finally {
      execFileSync('umount', [source]);
    }
  });

  it('fails with the words of the mount helper', async () => {
    const { source } = world();
    const error: unknown = await systemMounts()
      .mount({ id: ids.source }, source, { readOnly: true })
      .catch((problem: unknown) => problem);
    expect(error).to.include({ code: 'MountFailed' });
    expect(String(error)).to.contain(ids.source);
  });
});

describeCopies('a backup between the wrong file systems', () => {
  const world = useWorld();

  async function refusal(): Promise<string> {
    const { vault, backUp } = world();
    const before = readdirSync(vault);
    const { result } = await backUp();
    expect(result.status).to.equal('failed');
    expect(readdirSync(vault)).to.deep.equal(before);
    return result.problem?.code ?? '';
  }

  it('is refused where the source is another', async () => {
    world().mounted.set(world().source, ids.target);
    expect(await refusal()).to.equal('MountFailed');
  });

  it('is refused where the vault is another', async () => {
    world().mounted.set(world().vault, ids.target);
    expect(await refusal()).to.equal('MountFailed');
  });

  it('is refused where the vault is not mounted', async () => {
    world().mounted.delete(world().vault);
    expect(await refusal()).to.equal('MountFailed');
  });

  it('is refused where both are the same', async () => {
    const { result } = await world().backUp({ vault: { id: ids.source } });
    expect(result.problem?.code).to.equal('Usage');
  });

  it('is refused where the vault says that it is another', async () => {
    const { vault, backUp, snapshots } = world();
    await backUp();
    const file = join(vault, '.holdfast-efs.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(ids.vault, ids.target));
    expect(await refusal()).to.equal('MountFailed');
    expect(await snapshots()).to.deep.equal([snapshotName(1)]);
  });

  it('is refused where the vault no longer says what it is', async () => {
    const { vault, backUp } = world();
    await backUp();
    rmSync(join(vault, '.holdfast-efs.json'));
    expect(await refusal()).to.equal('MountFailed');
  });

  it('is refused where the label holds snapshots of another source', async () => {
    const { source, mounted, backUp } = world();
    await backUp();
    mounted.set(source, ids.target);
    const { result } = await backUp({ source: { id: ids.target } });
    expect(result.problem?.code).to.equal('MountFailed');
    const other = await backUp({ source: { id: ids.target }, label: 'other' });
    expect(other.result.status).to.equal('success');
  });
});
