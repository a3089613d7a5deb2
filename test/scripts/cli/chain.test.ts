import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { inProcess } from '../../support/in-process.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const shell = async (cwd: string, script: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-ec', script], { cwd })).stdout;

describe('the chain of reports on the command line', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let vault: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  beforeEach(async () => {
    place = await folder();
    vault = path.join(place, 'vault');
    await createRepository(path.join(place, 'a.git'));
    await createRepository(path.join(place, 'b.git'));
    for (let runs = 0; runs < 3; runs++) {
      await run('backup', 'git', './a.git', './b.git', '--quiet');
      await addCommit(path.join(place, 'a.git'));
    }
  });

  it('is checked by hand with sha256sum, as docs/vault-format.md has it', async () => {
    const runs = (await readdir(path.join(vault, 'runs/git'))).filter((name) => name !== 'latest.json').sort();
    expect(runs).to.have.length(3);
    const page = await readFile(new URL('../../../docs/vault-format.md', import.meta.url), 'utf8');
    const script = /## The chain[^]*?```sh\n([^]*?)```/.exec(page)?.[1] ?? '';
    const printed = await shell(vault, script.replace('cd vault; source=github', 'source=git'));
    const newest: unknown = JSON.parse(await readFile(path.join(vault, 'runs/git', runs[2]!, 'report.json'), 'utf8'));
    expect(newest).to.have.nested.property('chain.snapshots', 6);
    const { root } = /root +(?<root>[0-9a-f]{64})/.exec((await run('verify', 'git', '--chain')).stdout)?.groups ?? {};
    const lines = printed.trim().split('\n');
    expect(lines.filter((line) => line.endsWith(': OK'))).to.have.length(6 + 3 + 2 + 2);
    expect(lines.filter((line) => line.endsWith('report.json'))).to.deep.equal([
      `${root}  runs/git/${runs[2]}/report.json`,
    ]);
    const manifests = /"manifests": "([0-9a-f]{64})"/.exec(printed)?.[1];
    expect(printed).to.include(`${manifests}  -`);
  });

  it('is walked by verify, which names what does not agree with it and ends with 4', async () => {
    const before = await run('verify', 'git', '--chain');
    expect(before.stdout).to.match(/^git: the chain of 3 reports over 6 snapshots is whole\n {2}root [0-9a-f]{64} /);
    expect(before.code).to.equal(0);
    const [chain] = events((await run('verify', '--chain', '--json')).stdout);
    expect(chain).to.deep.include({ event: 'chain', source: 'git', links: 3, snapshots: 6, problems: [] });
    expect((await run('verify')).code).to.equal(0);

    const runs = (await readdir(path.join(vault, 'runs/git'))).sort();
    await rm(path.join(vault, 'runs/git', runs[0]!, 'report.json'));
    for (const args of [['verify', 'git', '--chain'], ['verify']]) {
      const after = await run(...args);
      expect(after.stdout).to.include(`missing  runs/git/${runs[0]}/report.json: `).and.include('is broken');
      expect(after.code).to.equal(4);
    }
  });

  it('tells by a root that was noted elsewhere whether the vault was put back', async () => {
    const root = /root +([0-9a-f]{64})/.exec((await run('verify', 'git', '--chain')).stdout)?.[1] ?? '';
    expect((await run('verify', 'git', '--chain', '--root', root)).code).to.equal(0);
    const runs = (await readdir(path.join(vault, 'runs/git'))).sort();
    await shell(vault, `rm runs/git/latest.json; find . -depth -name ${runs[2]} -exec rm -r {} +`);
    expect((await run('verify', 'git', '--chain')).code).to.equal(0);
    const back = await run('verify', 'git', '--chain', '--root', root);
    expect(back.stdout).to.include('rolled-back  runs/git/: no report has the digest');
    expect(back.code).to.equal(4);
    expect((await run('verify', '--root', root)).code).to.equal(2);
  });

  it('says that an emptied vault is not as it was left', async () => {
    await rm(path.join(vault, 'git'), { recursive: true });
    const { stdout, code } = await run('verify');
    expect(stdout.match(/^missing /gm)).to.have.length(6);
    expect(code).to.equal(4);
    for (const act of ['list', 'status', 'status git']) {
      const { stderr, stdout: shown, code } = await run(...act.split(' '));
      expect(stderr, act).to.include('has lost 6 snapshots that runs have stored').and.include('holdfast verify');
      expect(shown, act).to.not.include('nothing yet');
      expect(code, act).to.equal(4);
    }
  });
});
