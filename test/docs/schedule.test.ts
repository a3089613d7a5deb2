import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { findings } from '../github/workflow-rules.ts';
import { holdfast } from '../support/command-line.ts';
import { createRepository, useTemporaryFolders } from '../support/repositories.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = path.join(root, 'docs', 'examples', 'schedule');
const launcher = path.join(root, 'scripts', 'cli', 'launch.mjs');

describe('the examples of a schedule without AWS', () => {
  const folder = useTemporaryFolders();

  /** An example as it would be with the program and its files in a place of the test's own. */
  async function at(place: string, name: string): Promise<string> {
    const text = await readFile(path.join(examples, name), 'utf8');
    return text
      .replaceAll('/opt/holdfast/holdfast.mjs', launcher)
      .replaceAll('/usr/local/bin:', `${path.dirname(process.execPath)}:/usr/local/bin:`)
      .replaceAll('/var/lib/holdfast', place)
      .replaceAll('/etc/holdfast', place);
  }

  it('crontab: each line runs in the environment that cron gives it, one after the other', async () => {
    const place = await folder();
    await createRepository(path.join(place, 'one'), { commits: 2 });
    await writeFile(path.join(place, 'repositories'), `# what is kept\n${path.join(place, 'one')}\n`);
    const lines = (await at(place, 'crontab')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const variables = lines.filter((line) => /^[A-Z_]+=/.test(line));
    const jobs = lines.filter((line) => !variables.includes(line));
    expect(jobs).to.have.length(2);
    for (const job of jobs) {
      const [, command] = /^(?:\S+ ){5}(.+)$/.exec(job)!;
      const { stdout, stderr, status } = spawnSync(
        'env',
        ['-i', ...variables, 'HOME=/nonexistent', '/bin/sh', '-c', command!],
        { encoding: 'utf8', cwd: '/' },
      );
      expect({ stdout, stderr, status }).to.deep.equal({ stdout: '', stderr: '', status: 0 });
    }
    expect((await holdfast(['list', '--vault', path.join(place, 'vault')])).stdout).to.include('1 snapshot');
  });

  it('systemd: the units are valid', function () {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
      this.test!.title += ' (needs systemd-analyze)';
      this.skip();
    }
    const units = ['holdfast.service', 'holdfast.timer'].map((name) => path.join(examples, name));
    const { stdout, stderr, status } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', '--recursive-errors=no', ...units],
      { encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).to.equal('');
    expect(status).to.equal(0);
  });

  it('GitHub Actions: the workflow is valid, pins what it uses and asks for no right that it does not need', async () => {
    const file = path.join(examples, 'github-actions.yml');
    expect(await findings('.github/workflows/holdfast.yml', await readFile(file, 'utf8'))).to.deep.equal([]);
    const text = await readFile(file, 'utf8');
    for (const [, reference] of text.matchAll(/uses: (\S+)/g)) expect(reference).to.match(/@[0-9a-f]{40}$/);
    expect(parse(text)).to.have.property('permissions').that.deep.equals({});
  });

  it('are all named in the document', async () => {
    const text = await readFile(path.join(root, 'docs', 'schedule-without-aws.md'), 'utf8');
    for (const name of await readdir(examples)) expect(text).to.include(`examples/schedule/${name}`);
  });
});
