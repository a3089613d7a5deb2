import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { layOut } from '#core/packages/restore/folder-layout.ts';
import { FolderTarget } from '#core/packages/restore/folder-target.ts';
import { restorePackages, type VersionResult } from '#core/packages/restore/restore-packages.ts';
import { packageFormats } from '#core/sources/codeartifact/settings.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { anyName } from '../../../../support/vault-names.ts';
import { PackageVault, repositoryPath } from './package-vault.ts';

describe('restoring packages into a folder', () => {
  const folder = useTemporaryFolders();

  async function restore(stored: PackageVault, target: string): Promise<VersionResult[]> {
    const results: VersionResult[] = [];
    await restorePackages({
      vault: stored.vault,
      path: repositoryPath,
      target: new FolderTarget(target),
      concurrency: 2,
      onResult: (result) => results.push(result),
    });
    return results;
  }

  async function filesIn(place: string): Promise<string[]> {
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(place, join(entry.parentPath, entry.name)))
      .sort();
  }

  it('lays files out as the registries of their formats do', async () => {
    const stored = new PackageVault(await folder());
    const store = (format: (typeof packageFormats)[number], place: string, version: string, asset: string) => {
      const [, namespace, name = place] = /^(.+)\/(.+)$/.exec(place) ?? [];
      const space = namespace === undefined ? {} : { namespace };
      return stored.version({ format, ...space, name, version, assets: { [asset]: `${place} ${version} ${asset}` } });
    };
    await store('maven', 'com.example.tools/kit', '1.0', 'kit-1.0.jar');
    await store('npm', 'acme/app', '1.0.0', 'package.tgz');
    await store('npm', 'app', '2.0.0', 'package.tgz');
    await store('pypi', 'Acme.Tools_x', '1.0', 'acme_tools_x-1.0.tar.gz');
    await store('nuget', 'Acme.Tools', '1.0.0-RC', 'acme.tools.1.0.0-rc.nupkg');
    await store('generic', 'tools/kit', '1.0', 'a.txt');
    await store('ruby', 'kit', '1.0', 'kit-1.0.gem');
    await store('swift', 'acme/Kit', '1.0.0', 'Kit.zip');
    await store('cargo', 'kit', '1.0.0', 'kit-1.0.0.crate');
    const target = join(await folder(), 'packages');
    const results = await restore(stored, target);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(results.map(() => 'restored'));
    expect(await filesIn(target)).to.deep.equal([
      'cargo/kit/1.0.0/kit-1.0.0.crate',
      'generic/tools/kit/1.0/a.txt',
      'maven/com/example/tools/kit/1.0/kit-1.0.jar',
      'npm/@acme/app/-/app-1.0.0.tgz',
      'npm/app/-/app-2.0.0.tgz',
      'nuget/acme.tools/1.0.0-rc/acme.tools.1.0.0-rc.nupkg',
      'pypi/simple/acme-tools-x/acme_tools_x-1.0.tar.gz',
      'ruby/gems/kit-1.0.gem',
      'swift/acme/Kit/1.0.0/Kit.zip',
    ]);
    expect(await readFile(join(target, 'npm/@acme/app/-/app-1.0.0.tgz'), 'utf8')).to.equal(
      'acme/app 1.0.0 package.tgz',
    );
    expect((await restore(stored, target)).map(({ outcome }) => outcome)).to.deep.equal(results.map(() => 'identical'));
  });

  it('replaces no file of other content, and writes the missing ones beside identical ones', async () => {
    const stored = new PackageVault(await folder());
    for (const version of ['1', '2'])
      await stored.version({
        format: 'generic',
        name: 'kit',
        version,
        assets: { a: `a ${version}`, b: `b ${version}` },
      });
    const target = await folder();
    for (const [version, content] of [
      ['1', 'somebody else'],
      ['2', 'a 2'],
    ] as const) {
      await mkdir(join(target, 'generic/kit', version), { recursive: true });
      await writeFile(join(target, 'generic/kit', version, 'a'), content);
    }
    const [first, second] = await restore(stored, target);
    expect(first).to.include({ outcome: 'failed', code: 'TargetNotEmpty' });
    expect(second).to.include({ outcome: 'restored', bytes: 3 });
    expect(await readFile(join(target, 'generic/kit/1/a'), 'utf8')).to.equal('somebody else');
    expect(await filesIn(target)).to.deep.equal(['generic/kit/1/a', 'generic/kit/2/a', 'generic/kit/2/b']);
  });

  it('refuses what differs only by case or Unicode form, and goes through no link', async () => {
    const stored = new PackageVault(await folder());
    const store = (name: string, asset = 'a') =>
      stored.version({ format: 'generic', name, version: '1', assets: { [asset]: name } });
    await store('Kit');
    await store('kit');
    await store('caf\u00e9');
    await store('cafe\u0301');
    await store('linked');
    await stored.version({ format: 'generic', name: 'inside', version: '1', assets: { A: 'one', a: 'two' } });
    const elsewhere = await folder();
    const target = await folder();
    await mkdir(join(target, 'generic'));
    await symlink(elsewhere, join(target, 'generic/linked'));
    const results = await restore(stored, target);
    expect(results.filter(({ outcome }) => outcome === 'restored')).to.have.length(2);
    for (const result of results.filter(({ outcome }) => outcome === 'failed'))
      expect(result).to.include({ code: 'TargetNotEmpty' });
    expect(await filesIn(elsewhere)).to.deep.equal([]);
    expect(await filesIn(join(target, 'generic/inside'))).to.have.length(1);
  });

  it('leaves nothing of a damaged asset', async () => {
    const stored = new PackageVault(await folder());
    const { data } = await stored.version({ format: 'generic', name: 'kit', version: '1', assets: { a: 'content' } });
    await writeFile(join(stored.vault.location, data[0]!.key), 'c0ntent');
    const target = await folder();
    expect((await restore(stored, target))[0]).to.include({ outcome: 'failed', code: 'Damaged' });
    expect(await filesIn(target)).to.deep.equal([]);
  });

  it('gives no name a place outside, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...packageFormats),
        fc.option(anyName, { nil: undefined }),
        anyName,
        anyName,
        anyName,
        (format, namespace, name, version, asset) => {
          try {
            const path = join('/target', ...layOut({ format, namespace, name, version }, asset));
            expect(path.startsWith(`/target/${format}/`)).to.equal(true);
            // eslint-disable-next-line no-control-regex -- control characters are exactly what must not be there
            expect(path).not.to.match(/[\u0000-\u001f\\]|\/\.\.?(\/|$)/);
          } catch (error) {
            if (!(error instanceof HoldfastError)) throw error;
            expect(error.code).to.equal('SourceUnsupported');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
