import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { overviewOf } from '#core/run/html/overview.ts';
import { reportPage } from '#core/run/html/page.ts';
import { main } from '../../../scripts/cli/main.ts';
import { addRun } from '../../support/chained-vault.ts';
import { inProcess } from '../../support/in-process.ts';
import { MemoryVault } from '../../support/memory-vault.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
const hostile = '"><script>document.title="taken"</script><img src=x onerror=alert(1)>&\u202e';

describe('the page of the report', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let page: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'a.git'));
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    await run('drill', '--quiet');
    const { code, stdout } = await run('report', '--html', 'report.html');
    expect(stdout).to.include('report.html: 1 item of 1 source');
    expect(code).to.equal(0);
    page = await readFile(path.join(place, 'report.html'), 'utf8');
  });

  it('says what is protected, what is not and why, and how well it is proven', () => {
    const text = page
      .replace(/<style>[^]*?<\/style>/, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(text)
      .to.include('1 item failed')
      .and.match(/none(\.git)? failed SourceMissing: /)
      .and.match(/intact, \d{4}-\d\d-\d\d/)
      .and.match(/Root of the chain of reports: [0-9a-f]{64} over 2 snapshots/);
  });

  it('is whole in itself, and may load and run nothing', () => {
    expect(page).to.include(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page.match(/<(script|link|img|iframe|object)\b|\b(src|href)="(?!#)/gi)).to.equal(null);
    expect(page).to.include('prefers-color-scheme: dark').and.include('@media print');
  });

  it('has tables and charts that are read aloud', () => {
    for (const [svg] of page.matchAll(/<svg[^]*?<\/svg>/g))
      expect(svg).to.match(/role="img"[^]*aria-labelledby[^]*<title id[^]*<desc id/);
    expect(page.match(/<caption>/g)?.length).to.equal(page.match(/<table>/g)?.length);
    expect(page).to.include('<html lang="en">').and.include('scope="col"').and.include('scope="row"');
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('shows names and messages of others as text', async () => {
    const vault = new MemoryVault();
    await addRun(vault, 'github', '2026-01-01T000000.000Z', [hostile]);
    const overview = await overviewOf(vault, 'github', new Date(0));
    overview.last?.exceptions.push({ address: hostile, outcome: 'failed', why: hostile });
    overview.last?.warnings.push(hostile);
    const made = reportPage(`s3://${hostile}`, [overview], new Date());
    expect(made).to.not.match(/<script|<img|\u202e/);
    expect(made.match(/&lt;script&gt;document\.title=&quot;taken&quot;/g)?.length).to.be.above(4);
  });

  it('covers the days that it is asked for', async () => {
    await run('report', 'git', '--html', 'later.html', '--since', '2999-01-01');
    expect(await readFile(path.join(place, 'later.html'), 'utf8')).to.include('No run in this time.');
    expect((await run('report', '--html', 'x.html', '--since', 'yesterday')).code).to.equal(2);
    expect((await run('report', 'git', '--since', '2026-01-01')).code).to.equal(2);
    expect((await run('report')).code).to.equal(2);
  });

  describe(`in a browser${browser === undefined ? ' (left out: needs Chromium)' : ''}`, () => {
    for (const [what, width] of [
      ['a phone', 390],
      ['a desk', 1280],
    ] as const)
      it(`is laid out on the screen of ${what}, and runs nothing of what it shows`, async function () {
        if (browser === undefined) this.skip();
        this.timeout(120_000);
        const vault = new MemoryVault();
        await addRun(vault, 'github', '2026-01-01T000000.000Z', [hostile, 'a'.repeat(180)]);
        const file = path.join(place, 'hostile.html');
        await writeFile(file, reportPage('vault', [await overviewOf(vault, 'github', new Date(0))], new Date()));
        const { status, stdout, stderr } = spawnSync(
          browser,
          [
            ...[
              '--headless',
              '--no-sandbox',
              '--disable-gpu',
              `--user-data-dir=${path.join(place, `profile-${width}`)}`,
            ],
            ...[`--window-size=${width},900`, '--dump-dom', `file://${file}`],
          ],
          { encoding: 'utf8', timeout: 100_000 },
        );
        expect(status, stderr.slice(-500)).to.equal(0);
        expect(stdout).to.include('<title>Backups in vault</title>').and.include('<rect');
      });
  });
});
