import { execFile, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { describeTree } from './describe-tree.ts';
import { describeCopies } from './needs.ts';
import { useWorld } from './world.ts';

const inFolder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const hasCompiler = spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;

interface Told {
  status: string;
  problem?: { message: string };
  warnings: string[];
}

describeCopies('a vault that allows a file only so many names', () => {
  const world = useWorld();

  before(function () {
    if (hasCompiler) return;
    this.test!.parent!.title += ' (left out: needs a C compiler)';
    this.skip();
  });

  /** Makes snapshots in a process in which no file may have more than `limit` names. */
  async function backUp(snapshots: number, limit: number): Promise<Told[]> {
    const { folder } = world();
    const library = join(folder, 'limit.so');
    const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, inFolder('link-limit.c'), '-ldl']);
    expect(built.status, String(built.stderr)).to.equal(0);
    const limited = { LD_PRELOAD: library, LINK_LIMIT: String(limit) };
    // rsync is given no such variables by the program.
    const set = Object.entries(limited).map(([name, value]) => `${name}='${value}'`);
    const rsync = spawnSync('sh', ['-c', 'command -v rsync'], { encoding: 'utf8' }).stdout.trim();
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin/rsync'), `#!/bin/sh\n${set.join(' ')} exec ${rsync} "$@"\n`, { mode: 0o755 });
    const PATH = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', inFolder('../../../support/link-limit-child.ts'), folder, String(snapshots)],
      { env: { ...process.env, ...limited, PATH } },
    );
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
  }

  /** One file of so many names, and one of one. */
  function fill(names: number): void {
    const { source } = world();
    mkdirSync(join(source, 'cache'));
    writeFileSync(join(source, 'plain'), 'plain');
    writeFileSync(join(source, 'cache/name-0'), 'of many names');
    for (let number = 1; number < names; number++)
      linkSync(join(source, 'cache/name-0'), join(source, 'cache', `name-${number}`));
  }

  const mustBeWhole = (snapshot: string): void => {
    const { series, source } = world();
    expect(describeTree(join(series, snapshot, 'tree'))).to.deep.equal(describeTree(source));
  };

  for (const [names, snapshots, limit] of [
    [60, 4, 177],
    [1, 4, 3],
    [60, 4, 100],
    [3, 3, 3],
  ] as const)
    it(`takes ${snapshots} snapshots of a file of ${names} names, where ${limit} are allowed`, async () => {
      fill(names);
      const told = await backUp(snapshots, limit);
      expect(told.map(({ status, problem, warnings }) => [status, problem?.message, warnings])).to.deep.equal(
        Array.from({ length: snapshots }, () => ['success', undefined, []]),
      );
      for (const snapshot of await world().snapshots()) mustBeWhole(snapshot);
    });

  it('fails, and says why, where a file has more names by itself', async () => {
    fill(20);
    const [told] = await backUp(1, 8);
    expect(told).to.have.property('status').that.does.not.equal('success');
    expect(told!.problem!.message).to.include('rsync could not create all hard links of a file');
    expect(await world().snapshots()).to.deep.equal([]);
  });
});
