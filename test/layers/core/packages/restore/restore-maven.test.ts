import { expect } from 'chai';
import { mavenAvailable, mavenResolve } from '../../../../support/package-managers.ts';
import { makeJarAndPom, makeMavenMetadata } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { collect } from '../../../../support/streams.ts';
import { emptyRepository, PackageVault, restoreTo, servedAt, useRegistry } from './package-vault.ts';

const group = 'com.example.tools';

describe('restoring Maven artifacts to CodeArtifact', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  async function artifact(version: string, metadata?: Buffer): Promise<Record<string, Buffer>> {
    const { jar, pom } = await makeJarAndPom({ group, name: 'zeta', version });
    return {
      [jar.name]: jar.bytes,
      [pom.name]: pom.bytes,
      ...(metadata ? { 'maven-metadata.xml': metadata } : {}),
    };
  }

  const place = (version: string) => ({ format: 'maven', namespace: group, package: 'zeta', version }) as const;

  it('puts files, checksums and the stored metadata so that each version is published as it was', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'maven');
    const stored = new PackageVault(await folder());
    for (const versions of [['1.0'], ['1.0', '1.1']]) {
      const version = versions.at(-1)!;
      const assets = await artifact(version, makeMavenMetadata({ group, name: 'zeta', versions }));
      await stored.version({ format: 'maven', namespace: group, name: 'zeta', version, assets });
      server.requests.length = 0;
    }
    const { total, results } = await restoreTo(server, 'maven', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2, failed: 0 });
    for (const version of ['1.0', '1.1']) {
      const found = server.findVersion(repository, place(version))!;
      expect(found.status).to.equal('Published');
      const kept = await collect(found.assets.get('maven-metadata.xml')!.read());
      const versions = version === '1.0' ? ['1.0'] : ['1.0', '1.1'];
      expect(kept.equals(makeMavenMetadata({ group, name: 'zeta', versions }))).to.equal(true);
      expect(found.assets.get(`zeta-${version}.jar`)).not.to.equal(undefined);
    }
    const puts = server.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ path }) => path.replace(/^.*zeta\//, ''));
    expect(puts.filter((path) => path === 'maven-metadata.xml')).to.have.length(2);
    expect(puts.slice(0, 3)).to.deep.equal(['1.0/zeta-1.0.jar', '1.0/zeta-1.0.jar.md5', '1.0/zeta-1.0.jar.sha1']);
    expect(puts.slice(6, 9)).to.deep.equal(['maven-metadata.xml', 'maven-metadata.xml.md5', 'maven-metadata.xml.sha1']);
  });

  it('is proven by Maven itself, which checks the checksums', async function () {
    this.timeout(120_000);
    if (mavenAvailable() !== true) this.skip();
    const server = registry();
    emptyRepository(server, 'maven-proven');
    const stored = new PackageVault(await folder());
    const assets = await artifact('1.0');
    await stored.version({ format: 'maven', namespace: group, name: 'zeta', version: '1.0', assets });
    await restoreTo(server, 'maven-proven', stored.vault);
    const served = servedAt(server, 'maven', 'maven-proven');
    const jar = await mavenResolve(await folder(), served, { group, name: 'zeta', version: '1.0' });
    expect(jar.equals(assets['zeta-1.0.jar']!)).to.equal(true);
  });

  it('makes metadata that names all versions where none was stored', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'maven-made');
    server.addVersion(repository, { ...place('0.9'), assets: { 'zeta-0.9.jar': 'old' } });
    const stored = new PackageVault(await folder());
    for (const version of ['1.10', '1.9'])
      await stored.version({
        format: 'maven',
        namespace: group,
        name: 'zeta',
        version,
        assets: await artifact(version),
      });
    const { total } = await restoreTo(server, 'maven-made', stored.vault);
    expect(total).to.deep.include({ restored: 2, failed: 0 });
    const found = server.findVersion(repository, place('1.9'))!;
    expect(found.status).to.equal('Published');
    const metadata = (await collect(found.package.metadata!.read())).toString();
    expect(metadata.match(/<version>[^<]+/g)).to.deep.equal(['<version>0.9', '<version>1.9', '<version>1.10']);
    expect(metadata).to.include('<latest>1.10</latest>').and.include('<release>1.10</release>');
  });
});
