import {
  appendFileSync,
  chmodSync,
  chownSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeCopies } from './needs.ts';
import { fillSource } from './sources.ts';
import { snapshotName, useWorld } from './world.ts';

describeCopies('verifying a snapshot of a file system', () => {
  const world = useWorld();

  it('finds everything as it was stored', async () => {
    const { source, backUp, verify } = world();
    await fillSource(source);
    for (let round = 1; round <= 2; round++) {
      const { result } = await backUp();
      const verified = await verify();
      expect(verified.result.problem).to.equal(undefined);
      expect(verified.result.snapshot).to.equal(snapshotName(round));
      const { entries, files, bytes } = result.statistics!;
      expect(verified.result.statistics).to.include({ entries, files, bytes });
    }
  });

  const damages: Record<string, (tree: string) => void> = {
    'a file is gone': (tree) => rmSync(join(tree, 'plain')),
    'a file is longer': (tree) => appendFileSync(join(tree, 'plain'), 'more'),
    'a file is there that was not': (tree) => writeFileSync(join(tree, 'more'), ''),
    'a file has another name': (tree) => renameSync(join(tree, 'plain'), join(tree, 'other')),
    'a mode is another': (tree) => chmodSync(join(tree, 'plain'), 0o640),
    'an owner is another': (tree) => chownSync(join(tree, 'plain'), 5, 0),
    'a time is another': (tree) => utimesSync(join(tree, 'plain'), 1, 1),
    'a folder has another mode': (tree) => chmodSync(join(tree, 'folder'), 0o711),
    'the root has another owner': (tree) => chownSync(tree, 1, 1),
    'a link leads elsewhere': (tree) => {
      rmSync(join(tree, 'dangling'));
      symlinkSync('/elsewhere/all', join(tree, 'dangling'));
    },
  };
  for (const [what, damage] of Object.entries(damages))
    it(`tells that ${what}`, async () => {
      const { source, backUp, verify, tree } = world();
      await fillSource(source);
      await backUp();
      damage(await tree());
      const { result } = await verify();
      expect(result.status).to.equal('failed');
      expect(result.problem?.code).to.equal('Damaged');
    });
});
