import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import { failWith } from '../../../../support/git-faults.ts';
import { makeJarAndPom, makeNpmTarball, makeNupkg, makeWheel } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { emptyRepository, PackageVault, repositoryPath, restoreTo, useRegistry } from './package-vault.ts';

describe('a restore of packages that was interrupted', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  it('after any of its requests ends with all of it when it is run again', async function () {
    this.timeout(120_000);
    const server = registry();
    const stored = new PackageVault(await folder());
    const { jar, pom } = await makeJarAndPom({ group: 'com.example', name: 'kit', version: '1.0' });
    const wheel = await makeWheel({ name: 'acme', version: '1.0' });
    const nupkg = await makeNupkg({ name: 'acme', version: '1.0.0' });
    const maven = { format: 'maven', namespace: 'com.example', name: 'kit', version: '1.0' } as const;
    await stored.version({ ...maven, assets: { [jar.name]: jar.bytes, [pom.name]: pom.bytes } });
    for (const version of ['1.0.0', '2.0.0'])
      await stored.version({
        format: 'npm',
        name: 'lib',
        version,
        assets: { 'package.tgz': await makeNpmTarball({ name: 'lib', version }) },
      });
    await stored.item([...repositoryPath, 'npm', '', 'lib'], { distTags: { latest: '2.0.0' } });
    await stored.version({ format: 'pypi', name: 'acme', version: '1.0', assets: { [wheel.name]: wheel.bytes } });
    await stored.version({ format: 'nuget', name: 'acme', version: '1.0.0', assets: { [nupkg.name]: nupkg.bytes } });
    const generic = { format: 'generic', namespace: 'tools', name: 'kit', version: '1' } as const;
    await stored.version({ ...generic, assets: { a: 'a', b: 'b' }, metadata: { status: 'Unlisted' } });

    let reached = true;
    let after = 0;
    for (; reached; after++) {
      const name = `interrupted-${after}`;
      const repository = emptyRepository(server, name);
      const end = failWith({ status: 422, body: '{}' }, { on: 'any', skip: after });
      server.faults.push(end);
      await restoreTo(server, name, stored.vault, { concurrency: 1 }).catch((error: unknown) => {
        if (!(error instanceof HoldfastError)) throw error;
      });
      reached = end.hits > 0;
      server.faults.length = 0;
      const { total, results } = await restoreTo(server, name, stored.vault);
      const what = `interrupted after ${after} requests: ${JSON.stringify(results)}`;
      expect(total.restored + total.identical, what).to.equal(6);
      const versions = repository.packages.values().flatMap((found) => [...found.versions.values()]);
      const statuses = [...versions].map(({ status, package: { format } }) => `${format} ${status}`);
      expect(statuses.sort(), what).to.deep.equal([
        'generic Unlisted',
        'maven Published',
        'npm Published',
        'npm Published',
        'nuget Published',
        'pypi Published',
      ]);
      const { tags } = server.package(repository, { format: 'npm', package: 'lib' });
      expect(Object.fromEntries(tags), what).to.deep.equal({ latest: '2.0.0' });
    }
    expect(after).to.be.greaterThan(30);
  });
});
