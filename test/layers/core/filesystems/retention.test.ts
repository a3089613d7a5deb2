import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { dueForRemoval } from '#core/filesystems/retention.ts';
import { describeCopies, mayMount } from './needs.ts';
import { snapshotName, taskOf, useWorld } from './world.ts';

describe('what retention removes', () => {
  const cases = fc.uniqueArray(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 40 }).chain((numbers) =>
    fc.record({
      names: fc.constant(numbers.map(snapshotName)),
      retain: fc.integer({ min: 0, max: 50 }),
      made: fc.constantFrom(...numbers.map(snapshotName)),
    }),
  );

  it('leaves as many as are to be kept, and always one', () =>
    fc.assert(
      fc.property(cases, ({ names, retain, made }) => {
        const left = names.length - dueForRemoval(names, retain, made).length;
        const wanted = Math.min(names.length, Math.max(1, retain));
        // The one that was made stays beside them where a wrong clock has dated it before them.
        expect(left).to.be.within(wanted, wanted + 1);
      }),
    ));

  it('is never what was just made, whatever the clock has named it', () =>
    fc.assert(
      fc.property(cases, ({ names, retain, made }) => {
        expect(dueForRemoval(names, retain, made)).not.to.include(made);
      }),
    ));

  it('is older than all that is kept but for what was just made', () =>
    fc.assert(
      fc.property(cases, ({ names, retain, made }) => {
        const due = dueForRemoval(names, retain, made);
        const kept = names.filter((name) => !due.includes(name) && name !== made);
        for (const name of due) for (const other of kept) expect(name < other).to.equal(true);
      }),
    ));

  it('is the same in whatever order they are listed, and oldest first', () =>
    fc.assert(
      fc.property(cases, ({ names, retain, made }) => {
        const due = dueForRemoval(names, retain, made);
        expect(due).to.deep.equal([...due].sort());
        expect(dueForRemoval([...names].reverse(), retain, made)).to.deep.equal(due);
      }),
    ));

  it('shrinks as more are to be kept', () =>
    fc.assert(
      fc.property(cases, ({ names, retain, made }) => {
        const less = dueForRemoval(names, retain + 1, made);
        expect(dueForRemoval(names, retain, made)).to.include.members(less);
      }),
    ));
});

describeCopies('retention', () => {
  const world = useWorld();

  it('neither counts nor removes what is damaged', async () => {
    const { source, backUp, snapshots, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    for (let round = 0; round < 3; round++) await backUp();
    rmSync(join(series, snapshotName(3), 'manifest.json'));
    const { result } = await backUp({ retain: 2 });
    expect(result.removed?.snapshots).to.deep.equal([snapshotName(1)]);
    expect(await snapshots()).to.deep.equal([2, 3, 4].map(snapshotName));
  });

  it('goes on with a removal that was interrupted, and removes unfinished copies', async () => {
    const { source, backUp, series } = world();
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    await backUp();
    renameSync(join(series, snapshotName(1)), join(series, `.removing-${snapshotName(1)}`));
    mkdirSync(join(series, '.incomplete-2026-10-01T000000Z-01234567/tree/folder'), { recursive: true });
    await backUp();
    expect(readdirSync(series).sort()).to.deep.equal([2, 3].map(snapshotName));
  });

  it('removes nothing early when the clock was a day ahead once', async () => {
    const { source, backUp, snapshots } = world();
    writeFileSync(join(source, 'file'), 'content');
    const tomorrow = snapshotName(86_400);
    await backUp({ retain: 3 });
    await backUp({ retain: 3, snapshot: tomorrow });
    await backUp({ retain: 3 });
    expect(await snapshots()).to.deep.equal([snapshotName(1), snapshotName(3), tomorrow]);
    await backUp({ retain: 1 });
    expect(await snapshots(), 'what was just made stays').to.deep.equal([snapshotName(4), tomorrow]);
  });

  it('keeps the new snapshot and says so when an older one resists', async function () {
    const { source, run, backUp, snapshots, series } = world();
    mkdirSync(join(source, 'folder'));
    writeFileSync(join(source, 'file'), 'content');
    await backUp();
    const busy = join(series, snapshotName(1), 'tree/folder');
    if (!mayMount(busy)) this.skip();
    execFileSync('mount', ['-t', 'tmpfs', 'none', busy]);
    try {
      const { result } = await run({ ...taskOf(2), retain: 1 });
      expect(result.status).to.equal('success');
      expect(result.removed).to.deep.equal({ snapshots: [], complete: false });
      expect(result.warnings.join()).to.contain('EBUSY');
      expect(await snapshots()).to.deep.equal([snapshotName(2)]);
    } finally {
      execFileSync('umount', [join(series, `.removing-${snapshotName(1)}`, 'tree/folder')]);
    }
    await run({ ...taskOf(3), retain: 1 });
    expect(readdirSync(series)).to.deep.equal([snapshotName(3)]);
  });
});
