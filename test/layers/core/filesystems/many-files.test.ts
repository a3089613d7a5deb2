import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeTree, differences } from './describe-tree.ts';
import { describeCopies } from './needs.ts';
import { useWorld } from './world.ts';

const files = 200_000;
const perFolder = 200;

describeCopies('200,000 files', () => {
  const world = useWorld();

  it('are in every snapshot as they were when it was made', async function () {
    this.timeout(600_000);
    const { source, backUp, verify, tree, snapshots } = world();
    fill(source);
    const seen = [describeTree(source)];
    const first = await backUp();
    expect(first.result.problem).to.equal(undefined);
    expect(first.result.statistics).to.include({ files: files + 2, filesTransferred: files + 2 });

    change(source);
    seen.push(describeTree(source));
    expect(differences(seen[0]!, seen[1]!).length).to.be.greaterThan(1000);
    const second = await backUp();
    expect(second.result.problem).to.equal(undefined);
    expect(second.result.statistics?.filesTransferred).to.be.lessThan(files / 50);

    for (const [at, name] of (await snapshots()).entries())
      expect(differences(seen[at]!, describeTree(await tree(name))), name).to.deep.equal([]);

    const third = await backUp({ retain: 1 });
    expect(third.result.statistics).to.include({ filesTransferred: 0, entries: seen[1]!.size });
    const removed = [first, second].map(({ result }) => result.snapshot);
    expect(third.result.removed).to.deep.equal({ snapshots: removed, complete: true });
    expect((await verify()).result.problem).to.equal(undefined);
  });
});

function fill(source: string): void {
  for (let number = 0; number < files; number++) {
    const folder = join(source, `part-${number % 10}`, `folder-${Math.floor(number / perFolder)}`);
    if (number % perFolder < 10) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${number}`), `content of ${number}`.repeat(1 + (number % 7)));
  }
  // Each is large enough for its own worker.
  for (const name of ['large', 'larger']) writeFileSync(join(source, name), randomBytes((65 << 20) + 3));
}

/** A change of every kind, to some files each. */
function change(source: string): void {
  const file = (number: number): string =>
    join(source, `part-${number % 10}`, `folder-${Math.floor(number / perFolder)}`, `file-${number}`);
  for (let number = 0; number < files; number += 1000) {
    writeFileSync(file(number), 'changed');
    chmodSync(file(number + 1), 0o600);
    chownSync(file(number + 2), 1000, 1000);
    lutimesSync(file(number + 3), 1_000_000_000, 1_000_000_000.5);
    rmSync(file(number + 4));
    symlinkSync('elsewhere', file(number + 4));
    rmSync(file(number + 5));
    mkdirSync(file(number + 5));
    writeFileSync(join(file(number + 5), 'inside'), 'inside');
    linkSync(file(number + 6), `${file(number + 7)}-linked`);
    renameSync(file(number + 8), `${file(number + 8)}-renamed`);
    writeFileSync(`${file(number)}-added`, 'added');
  }
  for (let number = 0; number < files; number += 20_000) {
    execFileSync('setfattr', ['-n', 'user.colour', '-v', 'blue', file(number + 9)]);
    execFileSync('setfacl', ['-m', 'u:4711:rw', file(number + 10)]);
    rmSync(join(source, 'part-3', `folder-${number / perFolder + 1}`), { recursive: true });
  }
  writeFileSync(join(source, 'large'), 'small now');
}
