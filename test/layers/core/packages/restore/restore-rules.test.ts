import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { CodeArtifact } from '../../../../support/codeartifact-server.ts';
import { failCall, throttle } from '../../../../support/codeartifact/faults.ts';
import { cutBody, failWith } from '../../../../support/git-faults.ts';
import { makeJarAndPom, makeNpmTarball } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { collect, failureOf } from '../../../../support/streams.ts';
import {
  emptyRepository,
  PackageVault,
  repositoryPath,
  restoreTo,
  useRegistry,
  type StoredVersionOptions,
} from './package-vault.ts';

const generic = (version: string) => ({ format: 'generic', namespace: 'tools', package: 'kit', version }) as const;

describe('a restore of packages', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  beforeEach(() => {
    const server = registry();
    server.faults.length = 0;
    server.denied.length = 0;
  });

  async function kit(
    versions: readonly string[],
    assets: (version: string) => StoredVersionOptions['assets'] = (version) => ({ 'a.txt': `a ${version}` }),
  ) {
    const stored = new PackageVault(await folder());
    for (const version of versions)
      await stored.version({ format: 'generic', namespace: 'tools', name: 'kit', version, assets: assets(version) });
    return stored;
  }

  const writes = (server: CodeArtifact): number =>
    server.requests.filter(({ method, path }) => method === 'PUT' || path.includes('/publish')).length;

  it('sends nothing of what is identical there already', async () => {
    const server = registry();
    emptyRepository(server, 'again');
    const stored = await kit(['1.0', '1.1']);
    expect((await restoreTo(server, 'again', stored.vault)).total).to.deep.include({ restored: 2, identical: 0 });
    const before = writes(server);
    const { total } = await restoreTo(server, 'again', stored.vault);
    expect(total).to.deep.include({ restored: 0, identical: 2, failed: 0, bytes: 0 });
    expect(writes(server)).to.equal(before);
  });

  it('replaces nothing: a version with other content fails as a whole, and the others come back', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'different');
    server.addVersion(repository, { ...generic('1.0'), assets: { 'b.txt': 'somebody else' }, status: 'Unfinished' });
    const stored = await kit(['1.0', '1.1'], (version) => ({ 'a.txt': `a ${version}`, 'b.txt': `b ${version}` }));
    const { total, results } = await restoreTo(server, 'different', stored.vault);
    expect(total).to.deep.include({ restored: 1, failed: 1, damaged: 0 });
    expect(results[0]).to.deep.include({ outcome: 'failed', code: 'TargetNotEmpty' });
    expect(JSON.stringify(results[0])).to.include('b.txt of tools/kit 1.0');
    const left = server.findVersion(repository, generic('1.0'))!;
    expect((await collect(left.assets.get('b.txt')!.read())).toString()).to.equal('somebody else');
    expect(left.assets.get('a.txt')).to.equal(undefined);
  });

  it('publishes nothing of a version of which anything is damaged', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'damaged');
    const stored = new PackageVault(await folder());
    const { jar, pom } = await makeJarAndPom({ group: 'com.example', name: 'kit', version: '1.0' });
    const tarball = await makeNpmTarball({ name: 'lib', version: '1.0.0', padding: 1 << 20 });
    const manifests = [
      await stored.version({
        format: 'maven',
        namespace: 'com.example',
        name: 'kit',
        version: '1.0',
        assets: { [jar.name]: jar.bytes, [pom.name]: pom.bytes },
      }),
      await stored.version({ format: 'npm', name: 'lib', version: '1.0.0', assets: { 'package.tgz': tarball } }),
      await stored.version({ ...generic('1.0'), name: 'kit', assets: { 'a.txt': 'one', 'b.txt': 'two' } }),
      await stored.version({ ...generic('1.1'), name: 'kit', assets: { 'a.txt': 'sound' } }),
    ];
    for (const { data } of manifests.slice(0, 3)) {
      const file = join(stored.vault.location, data.at(-1)!.key);
      const bytes = await readFile(file);
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(file, bytes);
    }
    const { total, results } = await restoreTo(server, 'damaged', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 1, failed: 3, damaged: 3 });
    const names = repository.packages
      .values()
      .flatMap(({ versions }) => versions.values().map((found) => found.version));
    expect([...names]).to.deep.equal(['1.1']);
  });

  it('sends no whole of an object that only grew longer', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'longer');
    const stored = await kit(['1.0'], () => ({ 'a.bin': Buffer.alloc(256 << 10, 1) }));
    const [key = ''] = await assetKeys(stored);
    const file = join(stored.vault.location, key);
    await writeFile(file, Buffer.concat([await readFile(file), Buffer.alloc(300 << 10, 2)]));
    const { results } = await restoreTo(server, 'longer', stored.vault);
    expect(results[0]).to.include({ outcome: 'failed', code: 'Damaged' });
    expect(server.findVersion(repository, generic('1.0'))).to.equal(undefined);
  });

  async function assetKeys({ vault }: PackageVault): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of vault.list('')) if (key.endsWith('-asset')) keys.push(key);
    return keys;
  }

  it('compares in the end, and fails where the registry holds something else than it was given', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'compared');
    const stored = await kit(['1.0', '1.1'], () => ({ 'a.txt': 'a', 'b.txt': 'b' }));
    server.beforeCall = (call) => {
      const version = /^\/ListPackageVersionAssets\/.*\/(1\.[01])$/.exec(call)?.[1] ?? '';
      const found = version === '' ? undefined : server.findVersion(repository, generic(version));
      if (found && version === '1.0') server.putAsset(found, 'b.txt', 'flipped');
      if (found && version === '1.1') server.removeAsset(found, 'a.txt');
    };
    const { results } = await restoreTo(server, 'compared', stored.vault);
    server.beforeCall = undefined;
    expect(results[0]).to.include({ outcome: 'failed', code: 'TargetNotEmpty' });
    expect(results[1]).to.include({ outcome: 'failed', code: 'Unavailable' });
    expect(JSON.stringify(results[1])).to.include('does not list a.txt');
  });

  it('goes on where an interrupted one stopped', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'interrupted');
    const stored = await kit(['1.0'], () => ({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' }));
    server.faults.push(
      failCall('ValidationException', 'stopped', { on: 'api', path: /PublishPackageVersion.*b\.txt/ }),
    );
    const first = await restoreTo(server, 'interrupted', stored.vault);
    expect(first.total).to.deep.include({ restored: 0, failed: 1 });
    expect(server.findVersion(repository, generic('1.0'))!.status).to.equal('Unfinished');
    server.faults.length = 0;
    const second = await restoreTo(server, 'interrupted', stored.vault);
    expect(second.results[0]).to.deep.include({ outcome: 'restored', assets: 3, bytes: 2 });
    expect(server.findVersion(repository, generic('1.0'))!.status).to.equal('Published');
  });

  it('completes a version whose assets are all there but that was never published', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'unfinished');
    const stored = await kit(['1.0']);
    server.addVersion(repository, { ...generic('1.0'), assets: { 'a.txt': 'a 1.0' }, status: 'Unfinished' });
    const { results } = await restoreTo(server, 'unfinished', stored.vault);
    expect(results[0]).to.include({ outcome: 'identical' });
    expect(server.findVersion(repository, generic('1.0'))!.status).to.equal('Published');
  });

  it('stops when it is asked to, and says nothing of what it did not try', async () => {
    const server = registry();
    emptyRepository(server, 'stopped');
    const stored = await kit(['1.0', '1.1', '1.2']);
    const stop = new AbortController();
    server.beforeCall = (call) => {
      if (call.startsWith('/PublishPackageVersion/')) stop.abort(new HoldfastError('Interrupted', 'stopped by a test'));
    };
    try {
      const error = await failureOf(restoreTo(server, 'stopped', stored.vault, { signal: stop.signal }));
      expect(error.code).to.equal('Interrupted');
      expect(server.meter.calls('PublishPackageVersion')).to.be.at.least(1);
    } finally {
      server.beforeCall = undefined;
    }
  });

  it('waits where the registry asks it to slow down, in the API and in the registry', async () => {
    const server = registry();
    emptyRepository(server, 'slow');
    const stored = await kit(['1.0']);
    const tarball = await makeNpmTarball({ name: 'lib', version: '1.0.0' });
    await stored.version({ format: 'npm', name: 'lib', version: '1.0.0', assets: { 'package.tgz': tarball } });
    server.faults.push(
      throttle({}, { on: 'api', path: /PublishPackageVersion/, times: 1 }),
      failWith({ status: 429, retryAfter: 0 }, { on: 'other', path: /lib$/, times: 1 }),
      failWith({ status: 503 }, { on: 'other', path: /lib$/, skip: 1, times: 1 }),
    );
    const { total, results } = await restoreTo(server, 'slow', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2, failed: 0 });
  });

  it('takes its own success for one where the answer was lost on its way', async () => {
    const server = registry();
    emptyRepository(server, 'lost');
    const stored = new PackageVault(await folder());
    const tarball = await makeNpmTarball({ name: 'lib', version: '1.0.0' });
    await stored.version({ format: 'npm', name: 'lib', version: '1.0.0', assets: { 'package.tgz': tarball } });
    // The first is answered, but the answer never comes; the second meets what the first has made.
    server.faults.push(
      cutBody({ after: 0, ending: 'reset' }, { on: 'other', path: /lib$/, times: 1 }),
      failWith({ status: 409, body: 'exists' }, { on: 'other', path: /lib$/, skip: 1, times: 1 }),
    );
    const { total, results } = await restoreTo(server, 'lost', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 1, failed: 0 });
  });

  it('names the action and the package that the caller is not allowed', async () => {
    const server = registry();
    emptyRepository(server, 'denied');
    const stored = await kit(['1.0']);
    const tarball = await makeNpmTarball({ name: '@acme/lib', version: '1.0.0' });
    await stored.version({
      format: 'npm',
      namespace: 'acme',
      name: 'lib',
      version: '1.0.0',
      assets: { 'package.tgz': tarball },
    });
    server.denied.push({ action: 'codeartifact:PublishPackageVersion' });
    const { results, total } = await restoreTo(server, 'denied', stored.vault);
    expect(total).to.deep.include({ restored: 0, failed: 2 });
    for (const place of ['generic/tools/kit', 'npm/acme/lib']) {
      const result = results.find(({ address }) => address.includes(place));
      expect(result).to.include({ outcome: 'failed', code: 'AccessDenied' });
      const arn = `arn:aws:codeartifact:us-east-1:123456789012:package/company/denied/${place}`;
      expect(JSON.stringify(result)).to.include('codeartifact:PublishPackageVersion').and.include(arn);
    }
  });

  it('gives a version the status that it had, and leaves one alone that somebody took out of sight', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'statuses');
    server.addVersion(repository, { ...generic('1.2'), assets: { 'a.txt': 'a 1.2' }, status: 'Archived' });
    const stored = new PackageVault(await folder());
    for (const [version, status] of [
      ['1.0', 'Unlisted'],
      ['1.1', 'Archived'],
      ['1.2', 'Published'],
    ] as const)
      await stored.version({
        ...generic(version),
        name: 'kit',
        assets: { 'a.txt': `a ${version}` },
        metadata: { status },
      });
    const { results } = await restoreTo(server, 'statuses', stored.vault);
    const now = ['1.0', '1.1', '1.2'].map((version) => server.findVersion(repository, generic(version))!.status);
    expect(now).to.deep.equal(['Unlisted', 'Archived', 'Archived']);
    expect(results[2]).to.deep.include({ notes: ['its status stays Archived; it was Published'] });
  });

  it('gives a version that was deleted the status that it had before', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'deleted');
    const stored = new PackageVault(await folder());
    const assets = { 'a.txt': 'a' };
    for (const status of ['Published', 'Unlisted', 'Deleted'])
      await stored.version({ ...generic('1.0'), name: 'kit', assets, metadata: { status } });
    const { results } = await restoreTo(server, 'deleted', stored.vault);
    expect(results[0], JSON.stringify(results)).to.include({ outcome: 'restored', snapshot: '2026-01-03T030000.000Z' });
    expect(server.findVersion(repository, generic('1.0'))!.status).to.equal('Unlisted');
  });

  it('says that a version that was disposed of takes no assets', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'disposed');
    const version = server.addVersion(repository, { ...generic('1.0'), assets: { 'a.txt': 'a 1.0' } });
    server.setStatus(version, 'Disposed');
    const { results } = await restoreTo(server, 'disposed', (await kit(['1.0'])).vault);
    expect(results[0]).to.include({ outcome: 'failed', code: 'TargetNotEmpty' });
  });

  it('takes the newest snapshot that holds assets, or the one that was asked for', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'snapshots');
    const stored = new PackageVault(await folder());
    const version = { format: 'generic', namespace: 'tools', name: 'kit', version: '1.0' } as const;
    await stored.version({ ...version, assets: { 'a.txt': 'older' }, snapshot: '2026-01-01T000000.000Z' });
    await stored.version({ ...version, assets: { 'a.txt': 'newer' }, snapshot: '2026-02-01T000000.000Z' });
    await stored.version({ ...version, assets: {}, snapshot: '2026-03-01T000000.000Z' });
    const { results } = await restoreTo(server, 'snapshots', stored.vault);
    expect(results[0]).to.include({ snapshot: '2026-02-01T000000.000Z' });
    const older = await restoreTo(server, 'snapshots', stored.vault, { snapshot: '2026-01' });
    expect(older.results[0]).to.include({ outcome: 'failed', code: 'TargetNotEmpty' });
    const none = await restoreTo(server, 'snapshots', stored.vault, { snapshot: '2025' });
    expect(none.results[0]).to.include({ outcome: 'failed', code: 'NotFound' });
    const found = server.findVersion(repository, generic('1.0'))!;
    expect((await collect(found.assets.get('a.txt')!.read())).toString()).to.equal('newer');
  });

  it('restores only what is below the path', async () => {
    const server = registry();
    emptyRepository(server, 'below');
    const stored = await kit(['1.0', '1.0.1']);
    await stored.version({
      format: 'generic',
      namespace: 'tools',
      name: 'kitchen',
      version: '1.0',
      assets: { a: 'x' },
    });
    await stored.version({ format: 'generic', namespace: 'tool', name: 's', version: '1.0', assets: { a: 'x' } });
    const below = async (...more: string[]) => {
      const { results } = await restoreTo(server, 'below', stored.vault, { path: [...repositoryPath, ...more] });
      return results.map(({ address }) => address.replace(/^.*generic\//, ''));
    };
    expect(await below('generic', 'tools', 'kit', '1.0')).to.deep.equal(['tools/kit/1.0']);
    expect(await below('generic', 'tools', 'kit')).to.have.members(['tools/kit/1.0', 'tools/kit/1.0.1']);
    expect(await below('generic', 'tools')).to.have.length(3);
    expect(await below()).to.have.length(4);
    expect((await failureOf(below('npm'))).code).to.equal('NotFound');
  });

  it('brings back 350 assets, and as much as fits no page of a list', async function () {
    this.timeout(60_000);
    const server = registry();
    const repository = emptyRepository(server, 'many');
    const names = Array.from({ length: 350 }, (_, at) => `asset-${at}.txt`);
    const stored = await kit(['1.0'], () => Object.fromEntries(names.map((name) => [name, name])));
    const { results } = await restoreTo(server, 'many', stored.vault);
    expect(results[0], JSON.stringify(results)).to.deep.include({ outcome: 'restored', assets: 350 });
    expect(server.findVersion(repository, generic('1.0'))!.status).to.equal('Published');
  });

  it('finds versions of names that are too long for a key', async () => {
    const server = registry();
    emptyRepository(server, 'long');
    const stored = new PackageVault(await folder());
    const long = {
      format: 'generic',
      namespace: 'n'.repeat(190),
      name: 'N'.repeat(95),
      version: 'V'.repeat(95),
    } as const;
    const repository = [...repositoryPath.slice(0, 2), 'd'.repeat(150), 'r'.repeat(150)];
    await stored.version({ ...long, assets: { 'a.txt': 'a' }, repository });
    for (const path of [
      repository,
      [...repository, 'generic'],
      [...repository, 'generic', long.namespace, long.name],
    ]) {
      const { results } = await restoreTo(server, 'long', stored.vault, { path });
      expect(results.map(({ outcome }) => outcome)).to.deep.equal([path === repository ? 'restored' : 'identical']);
    }
  });
});
