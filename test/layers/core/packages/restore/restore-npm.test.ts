import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { npmIn } from '../../../../support/package-managers.ts';
import { makeNpmTarball } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { sha256 } from '../../../../support/vault-content.ts';
import { emptyRepository, PackageVault, repositoryPath, restoreTo, servedAt, useRegistry } from './package-vault.ts';

describe('restoring npm packages to CodeArtifact', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  async function store(stored: PackageVault, full: string, version: string, manifest = {}): Promise<Buffer> {
    const [, namespace, name = full] = /^@([^/]+)\/(.+)$/.exec(full) ?? [];
    const tarball = await makeNpmTarball({ name: full, version, manifest });
    await stored.version({
      format: 'npm',
      ...(namespace === undefined ? {} : { namespace }),
      name,
      version,
      assets: { 'package.tgz': tarball },
      metadata: { readme: `# ${full}` },
    });
    return tarball;
  }

  function storeTags(stored: PackageVault, name: string, distTags: Record<string, string>) {
    return stored.item([...repositoryPath, 'npm', '', name], { distTags });
  }

  const place = (name: string, version: string) => ({ format: 'npm', package: name, version }) as const;

  it('publishes tarballs as they are, so that npm installs them with their dependencies', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'npm');
    const stored = new PackageVault(await folder());
    const tarball = await store(stored, '@acme/app', '1.2.3', { dependencies: { helper: '^2.0.0' } });
    await store(stored, 'helper', '2.0.1');
    await storeTags(stored, 'helper', { latest: '2.0.1' });
    const { total, results } = await restoreTo(server, 'npm', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2, failed: 0 });
    const found = server.findVersion(repository, { ...place('app', '1.2.3'), namespace: 'acme' })!;
    expect((await found.assets.get('package.tgz')!.hashes())['SHA-256']).to.equal(sha256(tarball));
    expect(found.details.readme).to.equal('# @acme/app');
    const project = await folder();
    const npm = await npmIn(project, servedAt(server, 'npm', 'npm'));
    await npm('install', '@acme/app@1.2.3');
    const lock: unknown = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
    expect(lock).to.have.nested.property('packages.node_modules/helper.version', '2.0.1');
    const said = await readFile(join(project, 'node_modules/@acme/app/index.js'), 'utf8');
    expect(said).to.include('@acme/app 1.2.3');
  });

  it('gives a package its tags back, and lets no other version be the latest for a moment', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'npm-tags');
    const stored = new PackageVault(await folder());
    for (const version of ['1.0.0', '1.5.0', '2.0.0', '3.0.0-beta.1']) await store(stored, 'lib', version);
    const tags = { latest: '2.0.0', stable: '2.0.0', next: '3.0.0-beta.1', old: '1.0.0' };
    await storeTags(stored, 'lib', tags);
    const latest: (string | undefined)[] = [];
    server.beforeCall = (call) => {
      if (!call.startsWith('/DescribePackageVersion/')) return;
      latest.push(server.package(repository, { format: 'npm', package: 'lib' }).tags.get('latest'));
    };
    const { results } = await restoreTo(server, 'npm-tags', stored.vault);
    server.beforeCall = undefined;
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(Array.from({ length: 4 }, () => 'restored'));
    expect(latest).to.deep.equal([undefined, ...latest.slice(1).map(() => '2.0.0')]);
    expect(Object.fromEntries(server.package(repository, { format: 'npm', package: 'lib' }).tags)).to.deep.equal(tags);
  });

  it('moves no tag that the package has, and says so', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'npm-moved');
    const tarball = await makeNpmTarball({ name: 'lib', version: '5.0.0' });
    const there = server.addVersion(repository, { ...place('lib', '5.0.0'), assets: { 'package.tgz': tarball } });
    there.package.tags.set('latest', '5.0.0');
    const stored = new PackageVault(await folder());
    await store(stored, 'lib', '1.0.0');
    await storeTags(stored, 'lib', { latest: '1.0.0', old: '1.0.0' });
    const { results } = await restoreTo(server, 'npm-moved', stored.vault);
    expect(Object.fromEntries(there.package.tags)).to.deep.equal({ latest: '5.0.0', old: '1.0.0' });
    expect(results.at(-1)).to.deep.include({
      outcome: 'noted',
      notes: ['its tag latest stays at 5.0.0; it was at 1.0.0'],
    });
  });

  it('says what is wrong with a tarball that holds no package, and sends nothing of it', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'npm-bad');
    const stored = new PackageVault(await folder());
    const assets = { 'package.tgz': Buffer.from('no tarball at all') };
    await stored.version({ format: 'npm', name: 'bad', version: '1.0.0', assets });
    const { results } = await restoreTo(server, 'npm-bad', stored.vault);
    expect(results[0]).to.include({ outcome: 'failed', code: 'SourceUnsupported' });
    expect(server.findVersion(repository, place('bad', '1.0.0'))).to.equal(undefined);
  });
});
