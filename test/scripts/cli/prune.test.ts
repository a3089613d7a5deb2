import { expect } from 'chai';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { inProcess } from '../../support/in-process.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast prune', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  let other: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), { commits: 1 });
    other = await createRepository(path.join(place, 'other.git'), { commits: 1 });
    for (let backup = 0; backup < 3; backup++) {
      for (const one of [repository, other]) await run('backup', 'git', one, ...(backup < 2 ? ['--full'] : []));
      for (const one of [repository, other]) await addCommit(one);
    }
  });

  it('says of each snapshot why it stays or goes, of one item alone if asked', async () => {
    const { code, stdout } = await run('prune', repository, '--keep-last', '1', '--dry-run');
    expect(code).to.equal(0);
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => / newest 1$/.test(line))).to.have.length(1);
    expect(lines.filter((line) => /^stays .* needed by 2\S+Z$/.test(line))).to.have.length(1);
    expect(lines.filter((line) => /^would remove .*no rule keeps it$/.test(line))).to.have.length(1);
    expect(stdout).to.not.include('other');
  });

  it('says it as JSON, too', async () => {
    const { stdout } = await run('prune', repository, '--keep-last', '1', '--keep-daily', '1', '--dry-run', '--json');
    const told = events(stdout) as { event: string; reasons?: string[] }[];
    const stays = told.filter(({ event }) => event === 'stays').map(({ reasons }) => reasons?.join());
    expect(stays).to.have.length(2);
    expect(stays[1]).to.match(/^newest 1,day \d{4}-\d\d-\d\d$/);
    expect(told.find(({ event }) => event === 'would-remove')?.reasons).to.deep.equal(['no rule keeps it']);
  });

  it('removes from that item alone, with reasons only where asked, and says when there is nothing', async () => {
    const quiet = await run('prune', repository, '--keep-last', '1');
    expect(quiet.stdout)
      .to.match(/^removed /m)
      .and.not.match(/^stays/m);
    const again = await run('prune', repository, '--keep-last', '1', '--reasons');
    expect(again.stdout)
      .to.match(/^stays .*newest 1$/m)
      .and.match(/^nothing to remove$/m);
    expect((await run('prune', other, '--keep-last', '1', '--dry-run')).stdout).to.match(/^would remove/m);
  });

  it('waits for a run that was killed, and no longer where it is told that none is running', async () => {
    for (let backup = 0; backup < 3; backup++) await run('backup', 'git', other, '--full', '--vault', 'killed');
    const runs = path.join(place, 'killed', 'runs', 'git');
    const newest = (await readdir(runs))
      .filter((name) => name.endsWith('Z'))
      .toSorted()
      .at(-1)!;
    await rm(path.join(runs, newest, 'report.json'));
    const prune = (...args: string[]) => run('prune', '--keep-last', '1', '--vault', 'killed', ...args);
    const waiting = await prune();
    expect(waiting.stdout).to.match(/^busy .*--leftovers-older-than 0 if no backup is running$/m);
    expect(waiting.stdout).to.not.match(/^removed /m);
    // What no report names displaces nothing, so two stay.
    const told = await prune('--leftovers-older-than', '0');
    expect(told.stdout.match(/^removed .*no rule keeps it$/gm), told.stdout + told.stderr).to.have.length(1);
  });

  for (const [signal, by, expected] of [
    ['SIGINT', 'Ctrl-C', 130],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const)
    it(`stopped by ${by} between two removals ends with ${expected}, says what is kept, and continues`, async () => {
      const vault = `stopped-${signal}`;
      for (let backup = 0; backup < 4; backup++) await run('backup', 'git', repository, '--full', '--vault', vault);
      const prune = ['prune', '--keep-last', '1', '--vault', vault];
      const stopped = await inProcess(async () => {
        const write = process.stdout.write.bind(process.stdout);
        let printed = 0;
        process.stdout.write = (chunk: string | Uint8Array) => {
          // As the signal would: the verb was the last to listen.
          if (String(chunk).startsWith('removed ') && printed++ === 0) process.listeners(signal).at(-1)?.(signal);
          return write(chunk);
        };
        await main(prune);
      }, place);
      expect(stopped.stdout).to.match(/^removed /);
      expect(stopped.stderr).to.equal(
        `error: stopped by ${by}\n  What was removed is listed above; every snapshot that remains is complete. Run the same command again to continue.\n`,
      );
      expect(stopped.code).to.equal(expected);
      expect((await run('verify', '--vault', vault)).stdout)
        .to.include('3 snapshots')
        .and.include('all intact');
      const again = await run(...prune);
      expect(again.stdout.match(/^removed /gm)).to.have.length(2);
      expect(again.code).to.equal(0);
    });
});
