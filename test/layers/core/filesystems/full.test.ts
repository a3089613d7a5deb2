import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeTree, differences } from './describe-tree.ts';
import { describeCopies, mayMount } from './needs.ts';
import { snapshotName, useWorld } from './world.ts';

describeCopies('a vault that is full', () => {
  const world = useWorld();
  let mounted = false;

  beforeEach(function () {
    if (!mayMount(world().vault)) this.skip();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', world().vault]);
    mounted = true;
  });
  const unmount = (): void => {
    if (mounted) execFileSync('umount', [world().vault]);
    mounted = false;
  };

  it('fails the backup, keeps the snapshots, and takes the next one once there is room', async () => {
    try {
      const { source, backUp, snapshots, tree } = world();
      for (let number = 0; number < 40; number++) writeFileSync(join(source, `file-${number}`), randomBytes(100_000));
      await backUp();
      const before = describeTree(source);
      for (let number = 40; number < 120; number++) writeFileSync(join(source, `file-${number}`), randomBytes(100_000));
      const { result } = await backUp();
      expect(result.status).to.equal('failed');
      expect(result.problem?.message).to.contain('No space left');
      expect(result.problem?.advice).to.contain('Free space');
      expect(await snapshots()).to.deep.equal([snapshotName(1)]);
      expect(differences(before, describeTree(await tree()))).to.deep.equal([]);
      for (let number = 50; number < 120; number++) rmSync(join(source, `file-${number}`));
      execFileSync('mount', ['-o', 'remount,size=64m', world().vault]);
      expect((await backUp()).result.problem).to.equal(undefined);
      expect(differences(describeTree(source), describeTree(await tree()))).to.deep.equal([]);
    } finally {
      unmount();
    }
  });

  it('of small files fails the backup, too', async () => {
    try {
      const { source, backUp, snapshots } = world();
      execFileSync('mount', ['-o', 'remount,nr_inodes=500', world().vault]);
      for (let number = 0; number < 600; number++) writeFileSync(join(source, `file-${number}`), 'small');
      const { result } = await backUp();
      expect(result.problem?.message).to.contain('No space left');
      expect(await snapshots()).to.deep.equal([]);
    } finally {
      unmount();
    }
  });
});
