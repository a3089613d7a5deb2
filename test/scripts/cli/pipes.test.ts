import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdfast } from '../../support/command-line.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const launcher = fileURLToPath(new URL('../../../scripts/cli/launch.mjs', import.meta.url));

interface Piped {
  /** What the program ended with, whatever became of the one behind it. */
  code: number;
  stderr: string;
}

describe('holdfast in a pipe', () => {
  const folder = useTemporaryFolders();
  const repositories = ['one', 'two', 'three', 'four'];
  let place: string;

  /** Runs a line of shell in which `holdfast` is the program; PIPESTATUS needs bash. */
  function bash(line: string): Piped {
    const script = `holdfast() { '${process.execPath}' '${launcher}' "$@"; }; ${line}; echo "code=\${PIPESTATUS[0]}" >&3`;
    const { output } = spawnSync('bash', ['-c', script], {
      cwd: place,
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: Number(/code=(\d+)/.exec(output[3] ?? '')?.[1]), stderr: output[2] ?? '' };
  }

  async function stored(vault: string): Promise<{ bundles: number; reports: number }> {
    const names = await readdir(path.join(place, vault), { recursive: true });
    return {
      bundles: names.filter((name) => name.endsWith('.bundle')).length,
      reports: names.filter((name) => name.endsWith('report.json')).length,
    };
  }

  before(async () => {
    place = await folder();
    for (const name of repositories) await createRepository(path.join(place, name), { commits: 2 });
    const { code } = await holdfast(['backup', 'git', ...repositories], { cwd: place });
    expect(code).to.equal(0);
  });

  for (const [title, flags] of [
    ['lines', ''],
    ['JSON', '--json'],
  ] as const)
    for (const [what, sink] of [
      ['whose reader goes away', '| head -n 1'],
      ['that nobody reads', '| true'],
      ['on a full disk', '> /dev/full'],
    ] as const)
      it(`goes on with a backup that prints ${title} ${what}`, async () => {
        const vault = `vault${title}${what}`.replaceAll(' ', '-');
        const line = `holdfast backup git ${repositories.join(' ')} --concurrency 1 ${flags} --vault ${vault} ${sink}`;
        const { code, stderr } = bash(line);
        expect(code).to.equal(0);
        if (sink.startsWith('|')) expect(stderr).to.equal('');
        else expect(stderr).to.match(/^error: the output cannot be written: .*ENOSPC.*\n$/);
        expect(await stored(vault)).to.deep.equal({ bundles: 4, reports: 1 });
      });

  for (const verb of ['list', 'list --json', 'show one --refs', 'show one --json', '--help', 'verify', 'drill'])
    it(`ends quietly when the reader goes away: ${verb}`, () => {
      expect(bash(`holdfast ${verb} | true`)).to.deep.equal({ code: 0, stderr: '' });
    });

  it('says that what was asked for could not be printed, and fails', () => {
    const { code, stderr } = bash('holdfast list > /dev/full');
    expect(stderr).to.match(/^error: the output cannot be written: .*ENOSPC.*\n$/);
    expect(code).to.equal(1);
  });

  it('lets a backup end well whose errors nobody reads either', async () => {
    const { code } = bash('holdfast backup git one missing two --vault both 2>&1 | true');
    expect(code).to.equal(3);
    expect(await stored('both')).to.deep.equal({ bundles: 2, reports: 1 });
  });
});
