import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  PackageVault,
  repositoryPath,
  servedAt,
  useRegistry,
} from '../../layers/core/packages/restore/package-vault.ts';
import { events, holdfast, type CommandLineResult } from '../../support/command-line.ts';
import { cutBody, failWith } from '../../support/git-faults.ts';
import { npmIn } from '../../support/package-managers.ts';
import { makeJarAndPom, makeNpmTarball, makeNupkg, makeWheel } from '../../support/packages.ts';
import { useTemporaryFolders } from '../../support/repositories.ts';

const from = `codeartifact/${repositoryPath.join('/')}`;

describe('holdfast restore of packages', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();
  let place: string;
  let stored: PackageVault;

  before(async () => {
    place = await folder();
    stored = new PackageVault(join(place, 'vault'));
    const { jar, pom } = await makeJarAndPom({ group: 'com.example', name: 'kit', version: '1.0' });
    const wheel = await makeWheel({ name: 'acme', version: '1.0' });
    const nupkg = await makeNupkg({ name: 'acme', version: '1.0.0' });
    const tarball = await makeNpmTarball({ name: '@acme/app', version: '1.0.0' });
    await stored.item(repositoryPath, { description: 'What we share', tags: { team: 'tools' } });
    await stored.version({
      format: 'maven',
      namespace: 'com.example',
      name: 'kit',
      version: '1.0',
      assets: { [jar.name]: jar.bytes, [pom.name]: pom.bytes },
    });
    const app = { format: 'npm', namespace: 'acme', name: 'app' } as const;
    await stored.version({ ...app, version: '1.0.0', assets: { 'package.tgz': tarball } });
    await stored.item([...repositoryPath, 'npm', 'acme', 'app'], { defaultDisplayVersion: '1.0.0' });
    await stored.version({ format: 'pypi', name: 'acme', version: '1.0', assets: { [wheel.name]: wheel.bytes } });
    await stored.version({ format: 'nuget', name: 'acme', version: '1.0.0', assets: { [nupkg.name]: nupkg.bytes } });
    const kit = { format: 'generic', namespace: 'tools', name: 'kit', version: '1.0' } as const;
    await stored.version({ ...kit, assets: { a: 'a', b: 'b' } });
  });

  function run(...args: string[]): Promise<CommandLineResult> {
    const { endpoint, credentials } = registry().clientConfig;
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return holdfast(args, { cwd: place, env });
  }

  it('says what it would restore with --dry-run, and restores nothing', async () => {
    const folders = await run('restore', from, '--to', './planned', '--dry-run');
    expect(folders.stdout, folders.stderr).to.match(
      /5 versions would be restored to .*planned, 0 identical.*nothing was sent/,
    );
    expect(folders.code).to.equal(0);
    expect(await readdir(place)).to.not.include('planned');
    const made = await run('restore', from, '--to', 'company/planned', '--create', '--dry-run');
    expect(made.stdout, made.stderr).to.match(
      /would create the repository company\/planned[^]*5 versions would be restored/,
    );
    expect(made.code).to.equal(0);
    expect((await run('restore', from, '--to', 'company/planned')).stderr).to.match(/there is no repository planned/);
  });

  async function everythingIn(path: string): Promise<string> {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return (
      (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n') + entries.map(String).join('\n')
    );
  }

  it('makes the repository again and brings back what it held, of every format, as npm proves', async () => {
    const { code, stdout, stderr } = await run('restore', from, '--to', 'company/again', '--create');
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout).to.match(/^restored {3}codeartifact\/.*maven\/com\.example\/kit\/1\.0 {2}2 assets, /m);
    expect(stdout).to.match(/^5 versions restored to company\/again, 0 identical there already, 0 failed; /m);
    const repository = registry().findDomain('company').repositories.get('again')!;
    expect(repository.description).to.equal('What we share');
    const project = await folder();
    const npm = await npmIn(project, servedAt(registry(), 'npm', 'again'));
    await npm('install', '@acme/app');
    expect(await readFile(join(project, 'node_modules/@acme/app/index.js'), 'utf8')).to.include('@acme/app 1.0.0');
    const again = await run('restore', from, '--to', 'company/again', '--json');
    expect(again.code).to.equal(0);
    expect(events(again.stdout).at(-1)).to.include({ event: 'total', to: 'company/again', restored: 0, identical: 5 });
  });

  it('lets its token be seen nowhere, whatever goes wrong', async () => {
    const server = registry();
    server.addRepository(server.findDomain('company'), 'canary');
    const printed: string[] = [];
    const attempt = async (expected: number, ...flags: string[]): Promise<void> => {
      const { code, stdout, stderr } = await run('restore', from, '--to', 'company/canary', ...flags);
      expect(code, stdout + stderr).to.equal(expected);
      printed.push(stdout, stderr);
    };
    const refusals: (typeof server.faults)[number][] = [
      failWith({ status: 422, body: 'no' }, { on: 'other' }),
      failWith({ status: 401 }, { on: 'other' }),
      cutBody({ after: 10, ending: 'close' }, { on: 'other', path: /index\.json$/, times: 1 }),
    ];
    for (const refusal of refusals) {
      server.faults.push(refusal);
      await attempt(refusal === refusals.at(-1) ? 0 : 3, '--debug', ...(printed.length > 0 ? ['--json'] : []));
      server.faults.length = 0;
    }
    const all = printed.join('\n') + (await everythingIn(place));
    expect(server.tokens.values.length).to.be.greaterThan(2);
    for (const { value } of server.tokens.values)
      for (const form of [value, Buffer.from(`aws:${value}`).toString('base64')]) {
        expect(all).to.not.include(form);
        for (const request of server.requests) expect(request.path).to.not.include(form);
      }
  });

  it('lays the packages out in a folder', async () => {
    const { code, stdout } = await run('restore', `${from}/maven`, '--to', './packages');
    expect(code, stdout).to.equal(0);
    const laid = await readdir(join(place, 'packages/maven/com/example/kit/1.0'));
    expect(laid).to.have.members(['kit-1.0.jar', 'kit-1.0.pom']);
  });

  it('exits with 3 where some failed, with 1 where all did, and says why', async () => {
    const server = registry();
    const repository = server.addRepository(server.findDomain('company'), 'partial');
    const kit = { format: 'generic', namespace: 'tools', package: 'kit', version: '1.0' } as const;
    server.addVersion(repository, { ...kit, assets: { a: 'other' } });
    const partial = await run('restore', from, '--to', 'company/partial');
    expect(partial.code).to.equal(3);
    expect(partial.stdout).to.match(
      /^failed .*tools\/kit\/1\.0 {2}TargetNotEmpty: company\/partial has different content in a/m,
    );
    const none = await run('restore', `${from}/generic/tools/kit/1.0`, '--to', 'company/partial', '--quiet');
    expect(none.code).to.equal(1);
    expect(none.stdout).to.match(/^failed /);
  });

  it('exits with 4 where it finds damage', async () => {
    const other = new PackageVault(join(await folder(), 'vault'));
    const { data } = await other.version({
      format: 'generic',
      namespace: 'x',
      name: 'y',
      version: '1',
      assets: { a: 'a' },
    });
    await writeFile(join(other.vault.location, data[0]!.key), 'b');
    registry().addRepository(registry().findDomain('company'), 'damage');
    const flags = ['--vault', other.vault.location, '--to', 'company/damage'];
    const { code, stdout } = await run('restore', from, ...flags);
    expect(code).to.equal(4);
    expect(stdout).to.include('Damaged: ').and.include('does not match the SHA-256');
  });

  const usage: [string, string[], RegExp, number][] = [
    [
      'an address of another form',
      ['codeartifact/123', '--to', 'a/b'],
      /is not of that form\n {2}Write codeartifact/,
      2,
    ],
    ['a format that is none', [`${from}/deb`, '--to', 'a/b'], /has the unknown format "deb"/, 2],
    [
      '--create with a folder',
      [from, '--to', './x', '--create'],
      /--create does not apply to a restore of packages into a folder/,
      2,
    ],
    ['--checkout', [from, '--to', './x', '--checkout'], /--checkout does not apply to a restore of packages/, 2],
    ['a repository that is not there', [from, '--to', 'company/nowhere'], /no repository nowhere[^]*--create/, 1],
    ['what the vault does not hold', [`${from}/swift`, '--to', './x'], /holds no package version below/, 1],
  ];
  for (const [what, args, message, expected] of usage) {
    it(`answers ${what} with what is wrong and what to do`, async () => {
      const { code, stderr } = await run('restore', ...args);
      expect(stderr).to.match(message);
      expect(code).to.equal(expected);
    });
  }
});
