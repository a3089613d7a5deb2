import { expect } from 'chai';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast list --restore-time', () => {
  const folder = useTemporaryFolders();

  it('tells what a drill took, and reckons by bytes what was never drilled', async () => {
    const place = await folder();
    const run = (...args: string[]) => inProcess(() => main(args), place);
    const drilled = await createRepository(path.join(place, 'drilled.git'), { commits: 3 });
    const other = await createRepository(path.join(place, 'other.git'), { commits: 1 });
    expect((await run('backup', 'git', drilled, other)).code).to.equal(0);
    const drill = events((await run('drill', drilled, '--json')).stdout)[0]!;
    const listed = events((await run('list', '--restore-time', '--json')).stdout).filter(
      ({ event }) => event === 'item',
    );
    const timeOf = (name: string) =>
      listed.find(({ address }) => String(address).endsWith(`${name}.git`))?.['restoreTime'];
    expect(timeOf('drilled')).to.deep.equal({ milliseconds: drill['milliseconds'], drilled: true });
    expect(timeOf('other')).to.deep.include({ drilled: false });
    const { stdout } = await run('list', '--restore-time');
    expect(stdout)
      .to.match(/ restore +state/)
      .and.to.match(/other\.git .* about 0\.5 s/);
    expect(stdout).to.match(/one after the other they take \d/);
    expect((await run('list')).stdout).to.not.match(/restore/);
  });
});
