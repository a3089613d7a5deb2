import { expect } from 'chai';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { collect } from '../../../../support/streams.ts';
import { emptyRepository, PackageVault, restoreTo, useRegistry } from './package-vault.ts';

describe('restoring packages of no particular kind to CodeArtifact', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  it('brings back all assets of a version, byte by byte, and publishes it with the last', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'generic');
    const stored = new PackageVault(await folder());
    const assets = { 'a.txt': 'first', 'b.bin': Buffer.alloc(3 << 20, 7), 'c+d (1).txt': 'third' };
    await stored.version({ format: 'generic', namespace: 'tools', name: 'kit', version: '1.0', assets });
    const { total, results } = await restoreTo(server, 'generic', stored.vault);
    expect(results[0]).to.deep.include({ outcome: 'restored', assets: 3, notes: [] });
    expect(total).to.deep.include({ restored: 1, failed: 0 });
    const found = server.findVersion(repository, {
      format: 'generic',
      namespace: 'tools',
      package: 'kit',
      version: '1.0',
    })!;
    expect(found.status).to.equal('Published');
    for (const [name, content] of Object.entries(assets))
      expect((await collect(found.assets.get(name)!.read())).equals(Buffer.from(content)), name).to.equal(true);
    const lengths = server.requests
      .filter(({ path }) => path.endsWith('/publish'))
      .map(({ headers }) => headers['content-length']);
    expect(lengths).to.deep.equal(['5', String(3 << 20), '5']);
    const statuses = server.events.map(({ detail }) => detail.packageVersionState);
    expect(statuses.slice(0, 2)).to.deep.equal(['Unfinished', 'Unfinished']);
  });
});
