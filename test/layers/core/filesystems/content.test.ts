import { spawnSync } from 'node:child_process';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSnapshotManifest, type SnapshotManifest } from '#core/filesystems/snapshot-manifest.ts';
import { describeCopies } from './needs.ts';
import { fillSource } from './sources.ts';
import { comparePeriod, snapshotName, useWorld } from './world.ts';

/** Changes one byte of a file, and puts its times back, to the nanosecond. */
function flip(file: string): void {
  const { mtimeNs } = statSync(file, { bigint: true });
  const [byte = 0] = readFileSync(file);
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.from([byte ^ 1]), 0, 1, 0);
  closeSync(descriptor);
  const time = `@${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`;
  expect(spawnSync('touch', ['--no-create', '--date', time, file]).status).to.equal(0);
  expect(statSync(file, { bigint: true }).mtimeNs).to.equal(mtimeNs);
}

describeCopies('the content of files in a snapshot', () => {
  const world = useWorld();

  const manifestOf = (snapshot: string): SnapshotManifest =>
    readSnapshotManifest(readFileSync(join(world().series, snapshot, 'manifest.json')), `efs-backup/daily/${snapshot}`);

  /** All that the snapshot's list has is what its tree has. */
  function mustBeListed(snapshot: string): void {
    const folder = join(world().series, snapshot);
    const { statistics, digests } = manifestOf(snapshot);
    expect(digests?.files).to.equal(statistics.files);
    const check = spawnSync('sha256sum', ['--check', '--strict', '--quiet', '../digests'], {
      cwd: join(folder, 'tree'),
    });
    expect(check.stderr.toString()).to.equal('');
    expect(check.status).to.equal(0);
  }

  it('can be checked with sha256sum alone, whatever the files are called and however they came into it', async () => {
    const { source, backUp } = world();
    await fillSource(source);
    for (const name of ['line\nbreak', 'back\\slash', 'return\r', ' blank ', '-dash', '#hash'])
      writeFileSync(join(source, name), name);
    await backUp();
    mustBeListed(snapshotName(1));
    writeFileSync(join(source, 'later'), 'later');
    await backUp();
    mustBeListed(snapshotName(2));
    // What was copied by a run that came to no end is linked from there.
    rmSync(join(world().series, snapshotName(2), 'manifest.json'));
    await backUp();
    mustBeListed(snapshotName(3));
  });

  for (const [what, name] of [
    ['a file', 'plain'],
    ['a file of several names', 'names/first'],
    ['a file in a large folder', 'many/0017'],
  ] as const)
    it(`is found to be damaged by verification and by a restore, though its times are unchanged: ${what}`, async () => {
      const { source, backUp, verify, restore, tree } = world();
      await fill(source);
      await backUp();
      expect((await verify()).result).to.deep.include({ status: 'success', warnings: [], compared: files });
      flip(join(await tree(), name));
      const verified = await verify();
      expect(verified.result.problem).to.include({ code: 'Damaged' });
      expect(verified.result.problem?.message).to.include(`content that differs from what was stored: ${name}`);
      const restored = await restore();
      expect(restored.result.problem).to.include({ code: 'CopyFailed' });
      expect(restored.result.problem?.message).to.include(name);
      const part = name.slice(0, Math.max(0, name.lastIndexOf('/')));
      const target = { fileSystem: { id: 'fs-0000000c' }, folder: '/part', inPlace: false };
      const ofPart = await restore({ path: `/${part}`, target });
      expect(ofPart.result.problem?.message).to.include('differ');
    });

  const files = 1 + 2 + 1100;
  async function fill(source: string): Promise<void> {
    writeFileSync(join(source, 'plain'), 'plain content');
    mkdirSync(join(source, 'names'));
    writeFileSync(join(source, 'names/first'), 'content of two names');
    linkSync(join(source, 'names/first'), join(source, 'names/second'));
    mkdirSync(join(source, 'many'));
    // More than one thread takes at once.
    for (let number = 0; number < 1100; number++)
      writeFileSync(join(source, 'many', String(number).padStart(4, '0')), `content ${number}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('is compared part by part: after as many runs as there are parts no damaged file is linked any more', async () => {
    const { source, backUp, verify } = world();
    await fill(source);
    await backUp();
    const damaged = ['plain', 'names/first', 'many/0017'];
    for (const name of damaged) flip(join(world().series, snapshotName(1), 'tree', name));
    const told: string[] = [];
    let compared = 0;
    for (let run = 2; run <= 1 + comparePeriod; run++) {
      const { result } = await backUp();
      expect(result.status, result.problem?.message).to.equal('success');
      told.push(...result.warnings);
      const { compared: turn, statistics } = manifestOf(snapshotName(run));
      expect(turn).to.include({ part: (run - 1) % comparePeriod, period: comparePeriod });
      expect(turn?.files).to.be.below((statistics.files * 2) / comparePeriod);
      compared += turn?.files ?? 0;
    }
    expect(compared).to.be.at.least(files);
    for (const name of damaged) expect(told.join('\n')).to.include(name);
    const content = (name: string): string =>
      readFileSync(join(world().series, snapshotName(1 + comparePeriod), 'tree', name), 'utf8');
    expect(damaged.map(content)).to.deep.equal(['plain content', 'content of two names', 'content 17']);
    expect((await verify()).result).to.deep.include({ status: 'success', compared: files });
    expect(statSync(join(world().series, snapshotName(1 + comparePeriod), 'tree/names/first')).ino).to.equal(
      statSync(join(world().series, snapshotName(1 + comparePeriod), 'tree/names/second')).ino,
    );
  });

  it('that changed at the source while length and times stayed is copied once its part is due', async () => {
    const { source, backUp } = world();
    await fill(source);
    await backUp();
    // As a disk that rots, or a program that puts times back before the snapshot: its inode does not tell of it.
    flip(join(source, 'plain'));
    const told: string[] = [];
    await backUp();
    for (let run = 0; run < comparePeriod; run++) told.push(...(await backUp()).result.warnings);
    expect(told.join()).to.include(
      'the content of some files changed although their length and times did not; they were copied again: plain',
    );
    expect(readFileSync(join(world().series, snapshotName(2 + comparePeriod), 'tree/plain'))).to.deep.equal(
      readFileSync(join(source, 'plain')),
    );
  });

  it('of snapshots from before digests were kept is verified as far as it can be, and says how far', async () => {
    const { source, backUp, verify, restore, series } = world();
    await fill(source);
    await backUp();
    const place = join(series, snapshotName(1));
    const { digests: _, compared: _c, ...older } = manifestOf(snapshotName(1));
    const { writeSnapshotManifest } = await import('#core/filesystems/snapshot-manifest.ts');
    writeFileSync(join(place, 'manifest.json'), writeSnapshotManifest(older));
    rmSync(join(place, 'digests'));
    const verified = await verify();
    expect(verified.result).to.include({ status: 'success', compared: 0 });
    expect(verified.result.warnings.join()).to.include('have no digest yet');
    expect((await restore()).result.warnings.join()).to.include('before digests were kept');
    const { result } = await backUp();
    expect(result.status).to.equal('success');
    const { digests, compared } = manifestOf(snapshotName(2));
    // Those that were read for the comparison have one now; of several names all have.
    expect(digests?.files)
      .to.be.at.least(compared?.files ?? 0)
      .and.below(files);
  });

  it('cannot be compared where the list of digests is damaged, which verification and restores say', async () => {
    const { source, backUp, verify, restore, series } = world();
    await fill(source);
    await backUp();
    flip(join(series, snapshotName(1), 'digests'));
    expect((await verify()).result.problem?.message).to.include('its list of digests is missing or damaged');
    expect((await restore()).result.warnings.join()).to.include('list of digests is missing or damaged');
    await backUp();
    expect((await verify({ snapshot: snapshotName(2) })).result.status).to.equal('success');
  });
});
