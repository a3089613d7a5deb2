import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const launcher = fileURLToPath(new URL('../../../scripts/cli/launch.mjs', import.meta.url));

/** util-linux's `script` lends a program a terminal; other systems have one of the same name and other options. */
const probe = spawnSync('script', ['--version'], { encoding: 'utf8' });
const hasScript = probe.status === 0 && probe.stdout.includes('util-linux');

describe('holdfast on a terminal', () => {
  const folder = useTemporaryFolders();
  let place: string;

  async function onTerminal(args: string[], env: Record<string, string> = {}): Promise<string> {
    const command = [process.execPath, launcher, ...args].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: place,
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', TERM: 'xterm', COLUMNS: '100', ...env },
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await once(child, 'close');
    return printed;
  }

  before(async function () {
    if (!hasScript) {
      this.test!.title += " (needs util-linux's script)";
      this.skip();
    }
    place = await folder();
    for (const name of ['one', 'two']) await createRepository(path.join(place, name), { commits: 2 });
  });

  it('draws a progress bar with items, bytes and rate, and colours', async () => {
    const printed = await onTerminal(['backup', 'git', 'one', 'two']);
    expect(printed).to.match(/[█░]{10,} [012]\/2 · .*B · .*B\/s/);
    expect(printed).to.include('\u001b[32mstored');
    expect(printed).to.include('2 listed = 2 stored');
  });

  it('draws nothing with --quiet, and --json prints JSON alone', async () => {
    expect(await onTerminal(['backup', 'git', 'one', '--quiet'])).to.equal('');
    for (const line of (await onTerminal(['backup', 'git', 'one', '--json'])).trim().split(/\r?\n/))
      expect(() => JSON.parse(line) as unknown, line).to.not.throw();
  });

  it('leaves colours off with NO_COLOR', async () => {
    expect(await onTerminal(['backup', 'git', 'one'], { NO_COLOR: '1' })).to.not.include('\u001b[32m');
  });
});
