import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { useTemporaryFolders } from '../support/repositories.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a checkout whose command line is older than its sources', () => {
  const folder = useTemporaryFolders();
  let checkout: string;

  before(async function () {
    this.timeout(60_000);
    checkout = path.join(await folder(), 'holdfast');
    await mkdir(checkout);
    for (const name of ['layers', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'])
      await cp(path.join(root, name), path.join(checkout, name), { recursive: true, preserveTimestamps: true });
    await symlink(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
  });

  async function start(): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, ['scripts/cli/launch.mjs', 'show', '--help'], { cwd: checkout });
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...printed };
  }

  it('is built by whatever starts first, at once with another, and prints what it prints afterwards', async function () {
    this.timeout(120_000);
    const chunks = path.join(checkout, 'dist/cli/chunk');
    await mkdir(chunks, { recursive: true });
    for (const name of ['of-yesterday.mjs', 'in-use.mjs']) await writeFile(path.join(chunks, name), '');
    const yesterday = Date.now() / 1000 - 86_500;
    await utimes(path.join(chunks, 'of-yesterday.mjs'), yesterday, yesterday);
    const together = await Promise.all([start(), start()]);
    const later = await start();
    expect(later).to.include({ code: 0, stderr: '' });
    expect(together).to.deep.equal([later, later]);
    const left = await readdir(path.join(checkout, 'dist'), { recursive: true });
    expect(left.filter((name) => /\.\d+$/.test(name))).to.deep.equal([]);
    // Who began before the build may still need what it has not loaded yet.
    expect(await readdir(chunks))
      .to.include('in-use.mjs')
      .and.not.include('of-yesterday.mjs');
    const program = await readFile(path.join(checkout, 'dist/cli/holdfast.mjs'), 'utf8');
    const loadedFirst = [...program.matchAll(/from"(\.[^"]+)"/g)].map(([, name]) => name);
    expect(loadedFirst, 'all that is loaded at every start is one file').to.have.length(1);
    const first = await readFile(path.join(checkout, 'dist/cli', loadedFirst[0] ?? ''), 'utf8');
    expect(first, 'no schema is needed to start').to.include('CommanderError').and.not.include('safeParse');
  });
});
