import { expect } from 'chai';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeBinaries, refusedNodes, supportedNodes } from '../support/node-versions.ts';
import { createRepository, useTemporaryFolders } from '../support/repositories.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

describe('the package', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let installed: string;
  let nodes: Map<string, string> | undefined;

  before(async function () {
    this.timeout(300_000);
    place = await folder();
    const manifest = await readFile(path.join(root, 'package.json'), 'utf8');
    await run('npm', ['pack', '--pack-destination', place, '--loglevel=error'], { cwd: root });
    expect(await readFile(path.join(root, 'package.json'), 'utf8'), 'it is put back').to.equal(manifest);
    const archive = (await readdir(place)).find((name) => name.endsWith('.tgz'))!;
    await mkdir(path.join(place, 'empty'));
    await writeFile(path.join(place, 'empty', 'package.json'), '{"private":true}\n');
    // It brings everything: there is nothing to ask a registry for.
    const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...options, path.join(place, archive)], { cwd: path.join(place, 'empty') });
    installed = path.join(place, 'empty', 'node_modules');
    await createRepository(path.join(place, 'one'), { commits: 2 });
    nodes = await nodeBinaries();
  });

  it('holds the program and what its users read, and depends on nothing', async () => {
    const holds = async (folder: string): Promise<string[]> =>
      (await readdir(path.join(installed, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(path.join(installed, folder), path.join(entry.parentPath, entry.name)));
    expect(await holds('@acme/holdfast')).to.have.members([
      'LICENSE',
      'README.md',
      'package.json',
      'dist/holdfast.mjs',
      'scripts/check-node.mjs',
      'scripts/cli/launch.mjs',
    ]);
    expect((await readdir(installed)).sort()).to.deep.equal(['.bin', '.package-lock.json', '@acme']);
    expect((await stat(path.join(installed, '@acme/holdfast/dist/holdfast.mjs'))).size).to.be.lessThan(6_000_000);
  });

  it('runs by its name', () => {
    const ran = spawnSync(path.join(installed, '.bin', 'holdfast'), ['backup', 'git', 'one'], {
      cwd: place,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      encoding: 'utf8',
    });
    expect(ran.stderr).to.equal('');
    expect(ran.stdout).to.include('1 listed = 1 stored');
    expect(ran.status).to.equal(0);
  });

  for (const version of supportedNodes)
    it(`works on Node.js ${version}, without a warning`, async function () {
      const node = nodes?.get(version);
      if (node === undefined) {
        this.test!.title += ' (needs the npm package of it)';
        this.skip();
      }
      const cwd = await folder();
      await createRepository(path.join(cwd, 'one'), { commits: 2 });
      const program = path.join(installed, '@acme/holdfast/dist/holdfast.mjs');
      for (const args of [
        ['backup', 'git', 'one'],
        ['list'],
        ['show', 'one'],
        ['verify'],
        ['drill'],
        ['restore', 'one', '--to', 'new'],
        ['doctor'],
      ]) {
        const { stderr, status } = spawnSync(node, [program, ...args], {
          cwd,
          env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
          encoding: 'utf8',
        });
        expect(stderr, args.join(' ')).to.equal('');
        expect(status, args.join(' ')).to.equal(0);
      }
      // A client of AWS warns when it is made, so one is made, of a place where nobody answers.
      const { stderr, status } = spawnSync(node, [program, 'list', '--vault', 's3://bucket/prefix'], {
        cwd,
        env: {
          PATH: process.env['PATH'],
          HOME: '/nonexistent',
          AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'key',
          AWS_SECRET_ACCESS_KEY: 'secret',
          AWS_MAX_ATTEMPTS: '1',
        },
        encoding: 'utf8',
      });
      expect(stderr).to.match(/^error: .*\n( {2}.*\n)?$/);
      expect(status).to.equal(1);
    });

  for (const version of supportedNodes.filter((one) => !one.startsWith('20')))
    it(`starts from what it compiled before on Node.js ${version}, where the user has a cache`, async function () {
      const node = nodes?.get(version);
      if (node === undefined) {
        this.test!.title += ' (needs the npm package of it)';
        this.skip();
      }
      const home = await folder();
      const program = path.join(installed, '@acme/holdfast/scripts/cli/launch.mjs');
      const starts = [{ HOME: home }, { HOME: home }, { XDG_CACHE_HOME: `${home}/own` }, { HOME: '/proc/none' }, {}];
      const said = starts.map((env) => {
        const { stdout, stderr, status } = spawnSync(node, [program, '--version'], {
          cwd: home,
          env,
          encoding: 'utf8',
        });
        return `${status} ${stdout}${stderr}`;
      });
      expect(said[0]).to.match(/^0 \d/);
      expect(new Set(said).size).to.equal(1);
      expect((await readdir(home)).sort()).to.deep.equal(['.cache', 'own']);
      expect(await readdir(path.join(home, '.cache'))).to.deep.equal(['holdfast']);
      expect(await readdir(path.join(home, 'own', 'holdfast'))).to.have.length(1);
    });

  for (const version of refusedNodes)
    it(`says in one sentence that Node.js ${version} is too old, from the file and from a checkout`, function () {
      const node = nodes?.get(version);
      if (node === undefined) {
        this.test!.title += ' (needs the npm package of it)';
        this.skip();
      }
      for (const program of [
        path.join(installed, '@acme/holdfast/dist/holdfast.mjs'),
        path.join(installed, '@acme/holdfast/scripts/cli/launch.mjs'),
        path.join(root, 'scripts/cli/launch.mjs'),
        path.join(root, 'scripts/quickstart.mjs'),
      ]) {
        const { stdout, stderr, status } = spawnSync(node, [program, 'list'], { encoding: 'utf8' });
        expect(stdout).to.equal('');
        expect(stderr).to.match(/^Holdfast needs Node\.js 20\.19 or newer; this is \d+\.\d+\.\d+\.\n$/);
        expect(status).to.equal(2);
      }
    });
});
