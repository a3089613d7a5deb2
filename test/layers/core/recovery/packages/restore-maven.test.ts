import { expect } from 'chai';
import { makeJarAndPom, makeMavenMetadata } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { collect } from '../../../../support/streams.ts';
import { emptyRepository, PackageVault, restoreTo, useRegistry } from './package-vault.ts';

const group = 'com.example.tools';

describe('restoring Maven artifacts to CodeArtifact', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  async function artifact(version: string, metadata?: Buffer): Promise<Record<string, Buffer>> {
    const { jar, pom } = await makeJarAndPom({ group, name: 'kit', version });
    return {
      [jar.name]: jar.bytes,
      [pom.name]: pom.bytes,
      ...(metadata ? { 'maven-metadata.xml': metadata } : {}),
    };
  }

  const place = (version: string) => ({ format: 'maven', namespace: group, package: 'kit', version }) as const;

  it('puts files, checksums and the stored metadata so that each version is published as it was', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'maven');
    const stored = new PackageVault(await folder());
    for (const versions of [['1.0'], ['1.0', '1.1']]) {
      const version = versions.at(-1)!;
      const assets = await artifact(version, makeMavenMetadata({ group, name: 'kit', versions }));
      await stored.version({ format: 'maven', namespace: group, name: 'kit', version, assets });
      server.requests.length = 0;
    }
    const { total, results } = await restoreTo(server, 'maven', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2, failed: 0 });
    for (const version of ['1.0', '1.1']) {
      const found = server.findVersion(repository, place(version))!;
      expect(found.status).to.equal('Published');
      const kept = await collect(found.assets.get('maven-metadata.xml')!.read());
      const versions = version === '1.0' ? ['1.0'] : ['1.0', '1.1'];
      expect(kept.equals(makeMavenMetadata({ group, name: 'kit', versions }))).to.equal(true);
      expect(found.assets.get(`kit-${version}.jar`)).not.to.equal(undefined);
    }
    const puts = server.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ path }) => path.replace(/^.*kit\//, ''));
    expect(puts.slice(0, 3)).to.deep.equal(['1.0/kit-1.0.jar', '1.0/kit-1.0.jar.md5', '1.0/kit-1.0.jar.sha1']);
    expect(puts.slice(6, 9)).to.deep.equal(['maven-metadata.xml', 'maven-metadata.xml.md5', 'maven-metadata.xml.sha1']);
  });

  it('makes metadata that names all versions where none was stored', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'maven-made');
    server.addVersion(repository, { ...place('0.9'), assets: { 'kit-0.9.jar': 'old' } });
    const stored = new PackageVault(await folder());
    for (const version of ['1.10', '1.9'])
      await stored.version({
        format: 'maven',
        namespace: group,
        name: 'kit',
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
