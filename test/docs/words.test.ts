import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The rows of the list in CONTRIBUTING.md that say that they are checked. */
const avoided = [
  ...readFileSync(`${root}CONTRIBUTING.md`, 'utf8').matchAll(/^\| `([^`]+)` +\| (\S.*?) +\| yes +\|$/gm),
].map(([, word = '', better = '']) => ({ word, better }));

/** What to write instead of each avoided word in a line. */
function adviceFor(line: string): string[] {
  return avoided
    .filter(({ word }) => new RegExp(`\\b${word}\\b`, 'i').test(line))
    .map(({ word, better }) => `"${word}", better ${better}`);
}

describe('the words to avoid', () => {
  it('are those of CONTRIBUTING.md', () => {
    expect(avoided.map(({ word }) => word)).to.include.members(['whoever', 'borne']);
    expect(adviceFor('Whoever reads it')).to.deep.equal(['"whoever", better the reader, the caller, anyone who']);
    expect(adviceFor('stubborner')).to.deep.equal([]);
  });

  it('are in no text', () => {
    const text = [':!CONTRIBUTING.md', ':!package-lock.json', ':!test/docs/words.test.ts'];
    const words = avoided.flatMap(({ word }) => ['-e', word]);
    // -I leaves out what is not text.
    const { status, stdout } = spawnSync('git', ['grep', '-nIiwF', ...words, '--', '.', ...text], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, 'git grep').to.be.oneOf([0, 1]);
    const found = stdout.split('\n').filter((line) => line !== '');
    const shown = found.map((line) => `${line.split(':', 2).join(':')}: ${adviceFor(line).join('; ')}`);
    expect(found, `\n${shown.join('\n')}\n`).to.have.length(0);
  });
});
