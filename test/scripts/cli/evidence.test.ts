import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { evidenceFiles } from '#core/run/evidence/evidence-files.ts';
import { gatherEvidence } from '#core/run/evidence/gather.ts';
import { manifestKey } from '#core/vault/layout.ts';
import { main } from '../../../scripts/cli/main.ts';
import { addRun } from '../../support/chained-vault.ts';
import { inProcess } from '../../support/in-process.ts';
import { MemoryVault } from '../../support/memory-vault.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('evidence', () => {
  const folder = useTemporaryFolders();
  let place: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);
  const file = (name: string): Promise<string> => readFile(path.join(place, 'evidence', name), 'utf8');
  const today = new Date().toISOString().slice(0, 10);

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'a.git'));
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    await run('drill', '--quiet');
    const { code, stderr } = await run('evidence', '--from', today, '--to', today, '--folder', 'evidence');
    expect(code, stderr).to.equal(0);
  });

  it('is a folder whose digests fit', async () => {
    expect((await readdir(path.join(place, 'evidence'))).sort()).to.deep.equal([
      'SHA256SUMS',
      'drills.csv',
      'evidence.html',
      'evidence.json',
      'exceptions.csv',
      'items.csv',
      'runs.csv',
    ]);
    const { status, stderr } = spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], {
      cwd: path.join(place, 'evidence'),
      encoding: 'utf8',
    });
    expect(status, stderr).to.equal(0);
  });

  it('names runs, drills, items, and what failed, with the digests of the reports', async () => {
    const [, line = ''] = (await file('runs.csv')).split('\r\n');
    const [source, , result, listed] = line.split(',');
    expect([source, result, listed]).to.deep.equal(['git', 'partial', '2']);
    const [report = '', sha256] = line.split(',').slice(-2);
    const { stdout } = spawnSync('sha256sum', [path.join(place, 'vault', report)], { encoding: 'utf8' });
    expect(stdout.slice(0, 64)).to.equal(sha256);
    expect(await file('drills.csv')).to.match(/^git,drill,/m);
    expect(await file('exceptions.csv')).to.match(/^git,[^,]+,item failed,[^,]*none[^,]*,.*SourceMissing/m);
    expect(await file('items.csv')).to.match(/^git,[^,]*a(.git)?,1,\d+,[^,]+,intact,/m);
  });

  it('says what it does not show, in a page that loads and runs nothing', async () => {
    const page = await file('evidence.html');
    expect(page).to.include('A.8.13').and.include('A1.3').and.include('Article 12').and.include('21(2)(c)');
    expect(page.replace(/\s+/g, ' ')).to.include('None of this is a statement of conformity');
    expect(page.match(/<(script|link|img|iframe|object)\b|\b(src|href)="(?!#)/gi)).to.equal(null);
  });

  it('leaves out what lies outside of the period', async () => {
    const { code } = await run('evidence', '--from', '2020-01-01', '--to', '2020-12-31', '--folder', 'earlier');
    expect(code).to.equal(0);
    const runs = await readFile(path.join(place, 'earlier', 'runs.csv'), 'utf8');
    expect(runs.split('\r\n').filter(Boolean)).to.have.length(1);
    await rm(path.join(place, 'earlier'), { recursive: true });
  });

  it('shows a snapshot that is missing, and runs no formula of a name', async () => {
    const vault = new MemoryVault();
    await addRun(vault, 'github', '2026-01-01T000000.000Z', ['=cmd()', 'b']);
    await addRun(vault, 'github', '2026-02-01T000000.000Z', ['b']);
    await vault.remove(manifestKey('github/b/', '2026-01-01T000000.000Z'));
    const period = { from: new Date(0), to: new Date('2100-01-01') };
    const found = await gatherEvidence(vault, 'github', period);
    expect(found.exceptions).to.deep.include.members([
      {
        source: 'github',
        when: 'now',
        what: 'chain disagrees',
        item: manifestKey('github/b/', '2026-01-01T000000.000Z'),
        why: found.exceptions.find(({ item }) => item.startsWith('github/b/'))?.why ?? '',
      },
    ]);
    const exceptions = [
      { source: 'github', when: 'now', what: 'item failed', item: '=cmd()', why: 'a "b", c' } as const,
    ];
    const files = evidenceFiles({
      vault: 'memory',
      period,
      gathered: new Date(),
      protection: undefined,
      sources: [{ ...found, exceptions: [...exceptions] }],
    });
    expect(files.get('exceptions.csv')).to.include(`github,now,item failed,"'=cmd()","a ""b"", c",,\r\n`);
  });

  it('refuses days that are none, and a period that ends before it begins', async () => {
    for (const args of [
      ['--from', '31.1.2026'],
      ['--from', '2026-02-01', '--to', '2026-01-01'],
    ])
      expect((await run('evidence', ...args)).code).to.equal(2);
  });
});
