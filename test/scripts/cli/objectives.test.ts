import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { inProcess } from '../../support/in-process.ts';
import { events } from '../../support/command-line.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('the objectives of a source, on the command line', () => {
  const folder = useTemporaryFolders();
  const today = new Date().toISOString().slice(0, 10);
  let place: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'a.git'));
    await run('backup', 'git', './a.git', '--quiet');
    await run('drill', '--quiet');
  });

  it('are kept, and status, its metrics, the page and the evidence say so', async () => {
    const backup = await run('backup', 'git', './a.git', '--rpo', '26h', '--rto', '10min', '--quiet');
    expect([backup.code, backup.stdout]).to.deep.equal([0, '']);
    const lines = (await run('backup', 'git', './a.git', '--rpo', '26h', '--rto', '10min', '--json')).stdout;
    expect(events(lines, 'backup').at(-1)).to.have.nested.property('objectives.rpo.objective', 93_600);
    const { code, stdout } = await run('status');
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/objective +RPO 26 h 0 min: kept, measured \d+\.\d s\n/)
      .and.match(/objective +RTO 10 min 0 s: kept, measured \d+\.\d s\n/);
    expect((await run('status', '--prometheus')).stdout)
      .to.include('\nholdfast_rpo_objective_seconds{source="git"} 93600\n')
      .and.include('\nholdfast_items_missing_rpo{source="git"} 0\n')
      .and.match(/\nholdfast_rto_measured_seconds\{source="git"\} \d/);
    await run('report', '--html', 'kept.html');
    const page = await readFile(path.join(place, 'kept.html'), 'utf8');
    expect(page).to.include('RPO: age of the newest snapshots').and.include('>kept<').and.not.include('>missed<');
  });

  it('are missed by what has no snapshot, and everything that people read says so', async () => {
    const backup = await run('backup', 'git', './a.git', './none.git', '--rpo', '26h', '--rto', '10min');
    expect(backup.code).to.equal(3);
    expect(backup.stdout).to.match(/missed +RPO of 26 h 0 min missed by 1 item\n/);
    const printed = await run('report', 'git');
    expect(printed.stdout)
      .to.include('RPO 26 h 0 min: missed by 1 item\n')
      .and.match(/none\.git misses the RPO: it has no snapshot\n/);
    events((await run('report', 'git', '--json')).stdout, 'report');
    const { code, stdout } = await run('status', '--json');
    expect(code).to.equal(3);
    const [source] = events(stdout, 'status');
    expect(source?.['objectives']).to.have.nested.property('rpo.missed', 1);
    expect((await run('status')).stdout).to.match(/objectives missed: .*\n +RPO of 26 h 0 min missed by 1 item/);
    await run('report', '--html', 'missed.html');
    const page = await readFile(path.join(place, 'missed.html'), 'utf8');
    expect(page)
      .to.include('>missed<')
      .and.match(/miss the RPO[\s\S]*none\.git[\s\S]*none/);
    await run('evidence', '--from', today, '--to', today, '--folder', 'evidence');
    const rows = (await readFile(path.join(place, 'evidence', 'runs.csv'), 'utf8'))
      .split('\r\n')
      .filter((line) => line.startsWith('source') || line.includes(',93600,'));
    const [names = '', last = ''] = [rows[0], rows.at(-1)];
    const value = (name: string): string | undefined => last.split(',')[names.split(',').indexOf(name)];
    expect([value('rpo'), value('rpoMissed'), value('rto')]).to.deep.equal(['93600', '1', '600']);
    expect(await readFile(path.join(place, 'evidence', 'exceptions.csv'), 'utf8')).to.match(
      /^git,[^,]+,objective missed,,.*RPO of 26 h/m,
    );
  });

  it('are time spans, and nothing else', async () => {
    const { code, stderr } = await run('backup', 'git', './a.git', '--rpo', '26');
    expect(code).to.equal(2);
    expect(stderr).to.include('26h');
  });
});
