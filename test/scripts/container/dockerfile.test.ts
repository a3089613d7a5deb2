import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { validate } from 'dockerfile-utils';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { supportedNodes } from '../../support/node-versions.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const file = path.join(root, 'scripts', 'container', 'Dockerfile');

interface Instruction {
  word: string;
  value: string;
}

/** The instructions, with lines that go on put together. */
async function instructions(): Promise<Instruction[]> {
  const text = (await readFile(file, 'utf8')).replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ word: line.slice(0, line.indexOf(' ')), value: line.slice(line.indexOf(' ') + 1) }));
}

describe('the container image', () => {
  it('is a valid Dockerfile, in which nothing is deprecated or without effect', async () => {
    expect(validate(await readFile(file, 'utf8'))).to.deep.equal([]);
  });

  it('stands on one exact version of a small base, on a Node.js that is supported', async () => {
    const bases = (await instructions()).filter(({ word }) => word === 'FROM');
    expect(bases).to.have.length(1);
    const [, major = ''] = /^node:(\d+)\.\d+\.\d+-\w+-slim(?:@sha256:[0-9a-f]{64})?$/.exec(bases[0]!.value) ?? [];
    expect(supportedNodes).to.include(major);
  });

  it('runs as a user without rights, from the first command to the last', async () => {
    const words = (await instructions()).map(({ word, value }) => `${word} ${value}`);
    const user = words.findIndex((line) => line === 'USER node');
    expect(user).to.be.greaterThan(0);
    expect(words.slice(user).filter((line) => /^(RUN|COPY|ADD|USER (?!node$))/.test(line))).to.deep.equal([]);
    expect(words.at(-2)).to.equal('ENTRYPOINT ["node", "/opt/holdfast/holdfast.mjs"]');
  });

  it('takes in nothing but the program, and no secret', async () => {
    const all = await instructions();
    const copied = all.filter(({ word }) => word === 'COPY' || word === 'ADD').map(({ value }) => value);
    expect(copied).to.deep.equal(['--chmod=0444 dist/holdfast.mjs /opt/holdfast/holdfast.mjs']);
    const ignore = await readFile(`${file}.dockerignore`, 'utf8');
    expect(ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).to.deep.equal([
      '**',
      '!dist/holdfast.mjs',
    ]);
    expect(
      all.filter(({ word, value }) => ['ARG', 'ENV'].includes(word) && /TOKEN|SECRET|PASSWORD|KEY/i.test(value)),
    ).to.deep.equal([]);
  });

  it('has git, and keeps no lists of packages', async () => {
    const run = (await instructions()).find(({ word, value }) => word === 'RUN' && value.includes('apt-get'));
    expect(run?.value).to.match(/--no-install-recommends .*\bgit\b.*rm -rf \/var\/lib\/apt\/lists/);
  });

  it('is built, and says its version', function () {
    this.timeout(600_000);
    if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
      this.test!.title += ' (needs docker)';
      this.skip();
    }
    const built = spawnSync('docker', ['build', '--quiet', '--file', file, '--tag', 'holdfast-test', '.'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(built.stderr).to.equal('');
    const ran = spawnSync('docker', ['run', '--rm', 'holdfast-test', '--version'], { encoding: 'utf8' });
    expect(ran.stdout).to.match(/^\d+\.\d+\.\d+ /);
  });
});
