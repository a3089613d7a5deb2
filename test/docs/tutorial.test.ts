import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { useTemporaryFolders } from '../support/repositories.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the tutorial', () => {
  const folder = useTemporaryFolders();

  it('works word for word: what is backed up, lost and restored is there again', async () => {
    const place = await folder();
    const text = readFileSync(path.join(root, 'docs', 'tutorial.md'), 'utf8');
    // Getting Holdfast is what the reader of a checkout has done already.
    const [, ...blocks] = [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block);
    expect(blocks).to.have.length.greaterThan(4);
    const script = ['set -eu', ...blocks].join('\n').replaceAll('/tmp/', `${place}/`);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: place },
    });
    expect(stdout).to.include('1 listed = 1 stored + 0 unchanged + 0 skipped + 0 failed');
    expect(stdout).to.match(/^[0-9a-f]{7,} first$/m);
    const { stdout: log } = await promisify(execFile)('git', ['-C', path.join(place, 'by-hand'), 'log', '--format=%s']);
    expect(log).to.equal('first\n');
  });
});
