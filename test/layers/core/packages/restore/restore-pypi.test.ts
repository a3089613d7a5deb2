import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pipAvailable, pipInstall } from '../../../../support/package-managers.ts';
import { makeSdist, makeWheel } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { emptyRepository, PackageVault, restoreTo, servedAt, useRegistry } from './package-vault.ts';

describe('restoring Python packages to CodeArtifact', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  it('uploads wheels and source distributions so that pip installs them', async function () {
    this.timeout(120_000);
    if (pipAvailable() !== true) this.skip();
    const server = registry();
    const repository = emptyRepository(server, 'pypi');
    const stored = new PackageVault(await folder());
    const wheel = await makeWheel({ name: 'acme-wheel', version: '1.0', padding: 6 << 20 });
    const sdist = await makeSdist({ name: 'acme-source', version: '2.0' });
    for (const [name, version, file] of [
      ['acme-wheel', '1.0', wheel],
      ['acme-source', '2.0', sdist],
    ] as const)
      await stored.version({ format: 'pypi', name, version, assets: { [file.name]: file.bytes } });
    const { total, results } = await restoreTo(server, 'pypi', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2, failed: 0 });
    const found = server.findVersion(repository, { format: 'pypi', package: 'acme-wheel', version: '1.0' })!;
    expect(found.status).to.equal('Published');
    expect(found.details.summary).to.include('acme-wheel');
    const target = await folder();
    await pipInstall(target, servedAt(server, 'pypi', 'pypi'), 'acme-wheel==1.0', 'acme-source==2.0');
    expect(await readFile(join(target, 'acme_wheel.py'), 'utf8')).to.include('acme-wheel 1.0');
    expect(await readFile(join(target, 'acme_source.py'), 'utf8')).to.include('acme-source 2.0');
  });
});
