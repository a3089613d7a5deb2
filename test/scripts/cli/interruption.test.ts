import { expect } from 'chai';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { collect, holdfast, startHoldfast } from '../../support/command-line.ts';
import { slowBody } from '../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast: Ctrl-C', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let server: GitServer;

  before(async () => {
    place = await folder();
    const root = path.join(place, 'repositories');
    await createRepository(path.join(root, 'small.git'), { commits: 1 });
    await createRepository(path.join(root, 'large.git'), { commits: 50, files: { 'data.bin': randomText(200_000) } });
    server = await startGitServer({ root });
  });
  after(() => server.close());

  it('leaves no half snapshot, says what was kept, and the same command goes on', async function () {
    this.timeout(60_000);
    const args = ['backup', 'git', `${server.url}/small.git`, `${server.url}/large.git`];
    server.faults.push(slowBody({ bytesPerSecond: 20_000 }, { on: 'fetch', path: /large/ }));
    const child = startHoldfast(args, { cwd: place });
    const output = collect(child);
    child.stdout.on('data', () => {
      // The small one is stored; the large one is on its way for seconds to come.
      if (output().stdout.includes('stored')) setTimeout(() => child.kill('SIGINT'), 300);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    const { stdout } = output();
    expect(code).to.equal(130);
    expect(stdout).to.match(/^failed .*large {2}Interrupted: stopped by Ctrl-C/m);
    expect(stdout).to.match(
      /^Stopped\. 1 snapshot of this run is whole and kept; .* Run the same command again to continue\.$/m,
    );

    const stored = await readdir(path.join(place, 'vault'), { recursive: true });
    expect(stored.filter((name) => name.endsWith('.bundle'))).to.have.length(1);
    expect(await readdir(path.join(place, 'vault', '.partial'))).to.deep.equal([]);
    expect(await holdfast(['verify', '--quiet'], { cwd: place })).to.deep.equal({ code: 0, stdout: '', stderr: '' });

    server.faults.length = 0;
    const again = await holdfast(args, { cwd: place });
    expect(again.code).to.equal(0);
    expect(again.stdout).to.match(/2 listed = 1 stored \+ 1 unchanged/);
  });
});

/** Text that does not compress away, the same each time. */
function randomText(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  }).join('');
}
