import { expect } from 'chai';
import type { RegistryPlace } from '#core/sources/codeartifact/registry-api.ts';
import { createRepository } from '#core/packages/restore/create-repository.ts';
import { repositorySettings } from '#core/packages/restore/package-settings.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { PackageVault, region, repositoryPath, restoreTo, useRegistry } from './package-vault.ts';

const policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });

const settings = repositorySettings(
  {
    description: 'What we share',
    upstreams: [{ repositoryName: 'shared' }, { repositoryName: 'long-gone' }],
    externalConnections: [{ externalConnectionName: 'public:npmjs', packageFormat: 'npm' }],
    tags: { team: 'tools' },
    policy,
  },
  'the repository',
);

describe('making a repository of packages again', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();
  const place = (repository: string): RegistryPlace => ({
    region,
    domain: 'company',
    account: undefined,
    repository,
  });
  const found = (name: string) => registry().findDomain('company').repositories.get(name)!;

  afterEach(() => {
    registry().denied.length = 0;
  });

  it('gives it its settings, and says which upstream there is no more', async () => {
    registry().addRepository(registry().findDomain('company'), 'shared');
    const notes = await createRepository(place('again'), settings, registry().clientConfig);
    expect(notes).to.deep.equal(['its upstream long-gone is left out: the domain company has no such repository']);
    const made = found('again');
    expect(made).to.deep.include({ description: 'What we share', upstreams: ['shared'] });
    expect(JSON.stringify(made.externalConnections)).to.include('public:npmjs');
    expect(made.tags).to.deep.equal([{ key: 'team', value: 'tools' }]);
    expect(made.policy?.document).to.equal(policy);
  });

  it('leaves one alone that is there already', async () => {
    registry().addRepository(registry().findDomain('company'), 'taken', { description: 'Theirs' });
    const notes = await createRepository(place('taken'), settings, registry().clientConfig);
    expect(notes).to.deep.equal(['the repository company/taken already exists: its settings are left as they are']);
    expect(found('taken')).to.deep.include({ description: 'Theirs', policy: undefined });
  });

  it('says what could not be set, and fails where the repository could not be made', async () => {
    registry().denied.push({ action: 'codeartifact:PutRepositoryPermissionsPolicy' });
    const notes = await createRepository(place('no-policy'), settings, registry().clientConfig);
    expect(notes.at(-1)).to.include("cannot set the repository's policy").and.include('PutRepositoryPermissionsPolicy');
    registry().denied.push({ action: 'codeartifact:CreateRepository' });
    const error = await failureOf(createRepository(place('denied'), settings, registry().clientConfig));
    expect(error.code).to.equal('AccessDenied');
  });

  it('lets a package be published that blocked it, and blocks it again in the end', async () => {
    const server = registry();
    const repository = server.addRepository(server.findDomain('company'), 'blocked');
    const stored = new PackageVault(await folder());
    const kit = { format: 'generic', namespace: 'tools', name: 'kit' } as const;
    await stored.version({ ...kit, version: '1', assets: { a: 'a' } });
    await stored.version({ ...kit, version: '2', assets: { a: 'b' } });
    const restrictions = { publish: 'BLOCK', upstream: 'ALLOW' };
    await stored.item([...repositoryPath, 'generic', 'tools', 'kit'], { originConfiguration: { restrictions } });
    const there = server.package(repository, { format: 'generic', namespace: 'tools', package: 'kit' });
    there.restrictions.publish = 'BLOCK';
    const without = await restoreTo(server, 'blocked', stored.vault);
    expect(without.total).to.deep.include({ failed: 2 });
    const { total, results } = await restoreTo(server, 'blocked', stored.vault, { options: { restrict: true } });
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2, failed: 0 });
    expect(there.restrictions).to.deep.equal(restrictions);
  });
});
