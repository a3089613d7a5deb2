import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LocalTransport } from '#core/git/local-transport.ts';
import { main } from '../../../scripts/cli/main.ts';
import { Backups } from '../../support/backups.ts';
import { events, holdfast } from '../../support/command-line.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('what is protected', () => {
  const folder = useTemporaryFolders();
  let place: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  beforeEach(async () => {
    place = await folder();
    await createRepository(path.join(place, 'a.git'));
    await createRepository(path.join(place, 'b.git'), { commits: 3 });
  });

  it('status says how much, how fresh and how well proven, and ends with 0 where all is well', async () => {
    await run('backup', 'git', './a.git', './b.git', '--quiet');
    const before = await run('status');
    expect(before.stdout)
      .to.match(/protected +2 items, 2 snapshots/)
      .and.match(/proven +0 of 2 newest snapshots/);
    expect(before.code).to.equal(0);
    await run('drill', '--quiet');
    expect((await run('status')).stdout).to.match(/proven +2 of 2 newest snapshots/);
  });

  it('status names what keeps failing, and ends with 3', async () => {
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    const failing = await run('status');
    expect(failing.stdout).to.match(/failing: [^]*none\.git {2}\(2 runs in a row\) SourceMissing/);
    expect(failing.code).to.equal(3);
  });

  it('status calls an item stale that was not backed up for too long', async () => {
    const transport = new LocalTransport(path.join(place, 'a.git'));
    await new Backups(path.join(place, 'vault')).take(transport);
    const { stdout, code } = await run('status', '--stale-after', '24');
    expect(stdout).to.match(/stale: not backed up for 24 hours[^]*git\/example\.org\/app/);
    expect(code).to.equal(3);
  });

  it('list marks what was not backed up for too long', async () => {
    const transport = new LocalTransport(path.join(place, 'a.git'));
    await new Backups(path.join(place, 'vault')).take(transport);
    const { stdout } = await run('list');
    expect(stdout)
      .to.match(/^item +snapshots +size +newest +age +state\n/)
      .and.match(/^git\/example\.org\/app .* \d+ days +stale$/m)
      .and.include('; 1 stale: not backed up for 48 hours');
    expect((await run('list', '--stale-after', '999999')).stdout).to.not.include('stale');
    expect((await run('list', '--quiet')).stdout).to.match(/^git\//);
    const [item, total] = events((await run('list', '--json')).stdout);
    expect(item).to.include({ event: 'item', stale: true });
    expect(total).to.include({ event: 'total', items: 1, stale: 1, neverStored: 0 });
  });

  it('list shows what keeps failing and was never stored, also where the last run was not asked for it', async () => {
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    await run('backup', 'git', './none.git', '--quiet');
    await run('backup', 'git', './a.git', '--quiet');
    const { stdout, code } = await run('list');
    expect(stdout)
      .to.match(/^git\/\S+none\.git +0 snapshots +never stored +failed in 2 runs {2}SourceMissing: .*$/m)
      .and.match(/^1 item, .*; 1 never stored$/m);
    expect(code).to.equal(0);
    const [, missing] = events((await run('list', 'git', '--json')).stdout);
    expect(missing).to.include({ event: 'never-stored', runs: 2 });
    expect(missing?.['address']).to.match(/^git\/.*none\.git$/);
  });

  it('list does not call an item never stored that fails after it was', async () => {
    await run('backup', 'git', './a.git', '--quiet');
    await rm(path.join(place, 'a.git'), { recursive: true });
    await run('backup', 'git', './a.git', '--quiet');
    expect((await run('status')).stdout).to.include('failing');
    expect((await run('list')).stdout).to.not.include('never stored');
  });

  it('runs lists them, report prints one and ends as it ended', async () => {
    await run('backup', 'git', './a.git', '--quiet');
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    const listed = events((await run('runs', '--json')).stdout);
    expect(listed.map(({ result }) => result)).to.deep.equal(['complete', 'partial']);
    expect((await run('report', 'git')).code).to.equal(3);
    const earlier = await run('report', 'git', '--run', String(listed[0]?.['run']));
    expect(earlier.stdout).to.include('1 listed = 1 stored');
    expect(earlier.code).to.equal(0);
    expect(await run('report', 'git', '--run', '1999')).to.include({ code: 1 });
  });

  it('stats adds up what each source holds', async () => {
    await run('backup', 'git', './a.git', './b.git', '--quiet');
    const [source] = events((await run('stats', '--json')).stdout);
    expect(source).to.include({ event: 'source', source: 'git', items: 2, snapshots: 2 });
  });

  const config = (content: object) => writeFile(path.join(place, 'holdfast.json'), JSON.stringify(content));

  it('run does what holdfast.json says, all of it, and ends with the worst of it', async () => {
    await config({
      vault: 'kept',
      backup: [
        { source: 'git', addresses: ['./a.git', './none.git'], refs: ['refs/heads/*'] },
        { source: 'git', addresses: ['./b.git'], full: true },
      ],
      prune: { keepLast: 2 },
      drill: {},
    });
    const { stdout, code } = await holdfast(['run'], { cwd: place });
    expect(code).to.equal(3);
    expect(stdout).to.include('holdfast prune --vault=kept --keep-last=2').and.to.include('2 snapshots drilled');
    const { stdout: listed } = await run('list', '--vault', 'kept', '--json');
    expect(events(listed).filter(({ event }) => event === 'item')).to.have.length(2);
  });

  it('run refuses a file with a key that is not an option, and does nothing then', async () => {
    const cases: [object, RegExp][] = [
      [
        { backup: [{ source: 'git', addresses: ['./a.git'], reffs: [] }] },
        /backup\[0\]\.reffs is not a setting; did you mean refs\?\n.*refs/,
      ],
      [{ backup: [{ source: 'svn' }] }, /backup\[0\]\.source is not a source[^]*git, github/],
      [{ backup: [{ source: 'git', full: 'yes' }] }, /backup\[0\]\.full must be true or false/],
      [{ backup: [] }, /must name a source/],
      [{ backups: [] }, /backups/],
    ];
    for (const [content, message] of cases) {
      await config(content);
      const { stderr, code } = await run('run');
      expect(stderr).to.match(message);
      expect(code).to.equal(2);
    }
    expect((await run('run', '--config', 'other.json')).stderr).to.match(
      /there is no configuration file other\.json\n {2}Name a configuration file by --config/,
    );
  });
});
