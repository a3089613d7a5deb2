import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('what the documents tell people to type', () => {
  /** What is read by people or printed for them. */
  async function texts(): Promise<Map<string, string>> {
    const { stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
    const names = stdout
      .split('\0')
      .filter((name) =>
        /^(README|CONTRIBUTING|SECURITY|docs\/|scripts\/|terraform\/.*\.(md|tf)$|layers\/|functions\/)/.test(name),
      );
    return new Map(
      await Promise.all(
        names.map(async (name) => [name, await readFile(path.join(root, name), 'utf8').catch(() => '')] as const),
      ),
    );
  }

  it('never asks the public registry for a name that is not ours', async () => {
    const found: string[] = [];
    for (const [name, text] of await texts())
      for (const [call] of text.matchAll(/\b(npx|npm exec|npm install|npm i)\b[^\n`]*?\bholdfast\b\S*/g))
        if (!/--no-install|\.tgz|@acme\/holdfast/.test(call)) found.push(`${name}: ${call}`);
    expect(found).to.deep.equal([]);
  });
});
