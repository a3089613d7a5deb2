import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addCommit, useTemporaryFolders } from '../../../support/repositories.ts';
import { organisation, token, type Organisation } from './organisation.ts';

const child = fileURLToPath(new URL('../../../support/killed-restore-child.ts', import.meta.url));
const args = ['restore', 'github/acme', '--all', '--to', 'github:restored', '--concurrency', '1'];

describe('holdfast restore --all, killed', () => {
  const folder = useTemporaryFolders();
  let acme: Organisation;

  before(async () => {
    acme = await organisation(await folder(), 2);
    const backup = await acme.run('backup', 'github', 'acme', '--datasets', 'code');
    expect(backup.code, backup.stderr).to.equal(0);
  });
  after(() => acme.github.close());

  async function killedAt(step: number, moment: string): Promise<string | null> {
    const started = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), child, String(step), moment, ...args, '--api-url', acme.github.apiUrl],
      {
        cwd: acme.place,
        env: {
          PATH: process.env['PATH'],
          HOME: '/nonexistent',
          GITHUB_TOKEN: token,
          HOLDFAST_VAULT: path.join(acme.place, 'vault'),
        },
        stdio: 'ignore',
      },
    );
    const [, signal] = (await once(started, 'close')) as [number | null, string | null];
    return signal;
  }

  it('goes on from every step of its journal by the same command: nothing twice, nothing lost', async function () {
    this.timeout(180_000);
    const stored = await acme.refs('acme');
    const creations = (): number =>
      acme.github.requests.filter(({ method, status }) => method === 'POST' && status === 201).length;
    let step = 0;
    for (; ; step++) {
      const moment = ['before', 'middle', 'after'][step % 3] ?? '';
      const before = creations();
      const signal = await killedAt(step, moment);
      const { code, stdout, stderr } = await acme.run(...args);
      expect(code, `after ${moment} step ${step}: ${stderr}${stdout}`).to.equal(0);
      expect(await acme.refs('restored')).to.deep.equal(stored);
      expect(creations() - before).to.equal(2);
      expect((await readdir(acme.place)).filter((name) => name.includes('restore-'))).to.deep.equal([]);
      for (const one of acme.github.repositories.filter(({ fullName }) => fullName.startsWith('restored/')))
        acme.github.delete(one);
      if (signal === null) break;
    }
    // The beginning, and two steps for each repository.
    expect(step).to.equal(5);
  });

  it('takes no later snapshot when it goes on', async () => {
    const stored = await acme.refs('acme');
    await killedAt(2, 'after');
    const [first, second] = acme.github.repositories.filter(({ fullName }) => fullName.startsWith('acme/'));
    for (const one of [first, second]) {
      await addCommit(one!.path);
      one!.pushedAt = new Date();
    }
    expect((await acme.run('backup', 'github', 'acme', '--datasets', 'code')).code).to.equal(0);
    const { code, stdout, stderr } = await acme.run(...args);
    expect(code, stderr + stdout).to.equal(0);
    expect(stdout).to.match(/goes on with .*\.ndjson/);
    expect(await acme.refs('restored')).to.deep.equal(stored);
  });
});
