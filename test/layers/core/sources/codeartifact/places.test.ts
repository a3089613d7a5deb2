import { expect } from 'chai';
import fc from 'fast-check';
import { packageItem, packageName, placeOf, repositoryItem, versionItem } from '#core/sources/codeartifact/places.ts';
import { packageFormats } from '#core/sources/codeartifact/settings.ts';
import { itemPrefix, parseSnapshotKey, manifestKey } from '#core/vault/layout.ts';

const place = {
  account: '123456789012',
  region: 'us-east-1',
  domain: 'company',
  repository: 'libraries',
  format: 'maven',
  namespace: 'com.example',
  package: 'tool',
  version: '1.0+build',
} as const;

describe('the place of a package', () => {
  it('is found again from its item', () => {
    const { version: _, ...aPackage } = place;
    expect(placeOf(versionItem(place))).to.deep.equal({ kind: 'version', ...place });
    expect(placeOf(packageItem(place))).to.deep.equal({ kind: 'package', ...aPackage });
    expect(placeOf(repositoryItem(place))).to.include({ kind: 'repository', repository: 'libraries' });
  });

  it('has its own key for each package and version, whatever they are called', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('..', '@', 'a/b', 'A', 'a', '1.0+1', 'con', '%2f'),
    );
    const any = fc.record({
      format: fc.constantFrom(...packageFormats),
      namespace: fc.option(name, { nil: undefined }),
      package: name,
      version: name,
    });
    fc.assert(
      fc.property(any, any, (one, other) => {
        const [a, b] = [one, other].map((names) => versionItem({ ...place, ...names }));
        const prefix = itemPrefix('codeartifact', a!.path);
        const same = JSON.stringify(a!.path) === JSON.stringify(b!.path);
        expect(prefix === itemPrefix('codeartifact', b!.path)).to.equal(same);
        expect(a!.id === b!.id).to.equal(same);
        const id = '2026-11-20T000000.000Z';
        expect(parseSnapshotKey(manifestKey(prefix, id))).to.include({ item: prefix, snapshot: id });
      }),
    );
  });

  it('is named as its own tools do', () => {
    expect(packageName(place)).to.equal('com.example:tool');
    expect(packageName({ ...place, format: 'npm', namespace: 'acme' })).to.equal('@acme/tool');
    expect(packageName({ ...place, format: 'pypi', namespace: undefined })).to.equal('tool');
  });

  it('is none where the item is of something else', () => {
    for (const path of [['a'], ['a', 'b', 'c', 'd', 'conda', '', 'x'], ['a', 'b', 'c', 'd', 'npm']])
      expect(() => placeOf({ source: 'codeartifact', id: 'x', path, name: 'x' })).to.throw('neither a repository');
  });
});
