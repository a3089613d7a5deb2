import { expect } from 'chai';
import { makeNupkg } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { sha256 } from '../../../../support/vault-content.ts';
import { emptyRepository, PackageVault, restoreTo, useRegistry } from './package-vault.ts';

describe('restoring NuGet packages to CodeArtifact', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  it('pushes each package to where the service index says, as it is', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'nuget');
    const stored = new PackageVault(await folder());
    const { name, bytes } = await makeNupkg({ name: 'Acme.Tools', version: '1.2.0' });
    const assets = { [name.toLowerCase()]: bytes };
    await stored.version({ format: 'nuget', name: 'acme.tools', version: '1.2.0', assets });
    const { total, results } = await restoreTo(server, 'nuget', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 1, failed: 0 });
    const found = server.findVersion(repository, { format: 'nuget', package: 'acme.tools', version: '1.2.0' })!;
    expect(found.status).to.equal('Published');
    expect((await found.assets.get(name.toLowerCase())!.hashes())['SHA-256']).to.equal(sha256(bytes));
  });
});
