import { expect } from 'chai';
import { npmTagReader } from '#core/packages/registry/npm-tags.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import type { Report } from '#core/run/report.ts';
import { runBackup } from '#core/run/run.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Quotas } from '#core/sources/codeartifact/quotas.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { seedPackages } from '../../../support/codeartifact-server.ts';
import { failCall } from '../../../support/codeartifact/faults.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { keysOf } from '../../../support/vault-content.ts';
import { KeptPackages } from '../packages/backup/kept-packages.ts';

describe('a run over packages', () => {
  const folder = useTemporaryFolders();
  let kept: KeptPackages;
  let day = 0;

  beforeEach(async () => {
    kept = await KeptPackages.start(await folder());
  });
  afterEach(() => kept.close());

  function run(source: ListedSource = kept.source): Promise<Report> {
    return runBackup({
      source,
      vault: kept.vault,
      options: { ...defaultBackupOptions, retry: { attempts: 1, firstWaitMs: 1, longestWaitMs: 2 } },
      run: snapshotIdOf(new Date(Date.UTC(2026, 0, ++day))),
      concurrency: 4,
      largestShrinkage: 0.5,
    });
  }

  const outcomeOf = (report: Report, name: string) => report.items.find(({ item }) => item.name.endsWith(name));

  const snapshots = async (): Promise<number> => {
    let found = 0;
    for await (const { snapshots: all } of new Catalogue(kept.vault).items('codeartifact'))
      found += all.filter(({ hasManifest }) => hasManifest).length;
    return found;
  };

  it('stores all versions of 5,000, and when nothing has changed reads none of them again', async () => {
    seedPackages(kept.registry, kept.repository, { format: 'npm', packages: 50, versions: 100 });
    const first = await run();
    expect(first.result, JSON.stringify(first.items.find(({ outcome }) => outcome === 'failed'))).to.equal('complete');
    expect(first.coverage).to.deep.equal({ listed: 51, stored: 51, unchanged: 0, skipped: 0, failed: 0 });
    // Beside the versions: the settings of each package and of the repository.
    expect(await snapshots()).to.equal(5000 + 50 + 1);
    const before = await keysOf(kept.vault, 'codeartifact/');
    kept.registry.meter.reset();
    const second = await run();
    expect(second.coverage).to.deep.equal({ listed: 51, stored: 0, unchanged: 51, skipped: 0, failed: 0 });
    expect(await keysOf(kept.vault, 'codeartifact/')).to.deep.equal(before);
    for (const operation of ['DescribePackageVersion', 'ListPackageVersionAssets', 'GetPackageVersionAsset'])
      expect(kept.registry.meter.calls(operation), operation).to.equal(0);
  }).timeout(300_000);

  it('stores what was published before the deployment, and later what events missed', async () => {
    kept.publish({ assets: { 'a.bin': 'a' } });
    expect(outcomeOf(await run(), 'hammer')).to.deep.include({
      outcome: 'stored',
      versions: { listed: 1, stored: 1, unchanged: 0, skipped: 0, gone: 0 },
    });
    kept.publish({ version: '2.0', assets: { 'a.bin': 'bcd' } });
    expect(outcomeOf(await run(), 'hammer')).to.deep.include({
      outcome: 'stored',
      bytes: 3,
      versions: { listed: 2, stored: 1, unchanged: 1, skipped: 0, gone: 0 },
    });
  });

  it('keeps the other versions where one fails, says which, and does what is left the next time', async () => {
    for (const version of ['1.0', '2.0', '3.0']) kept.publish({ version, assets: { 'a.bin': version } });
    kept.publish({ package: 'nail', assets: { 'a.bin': 'n' } });
    const fault = failCall('AccessDeniedException', 'no', { on: 'api', path: /GetPackageVersionAsset.*\/2\.0\// });
    kept.registry.faults.push(fault);
    const first = await run();
    expect(first.result).to.equal('partial');
    const failed = outcomeOf(first, 'hammer');
    expect(failed).to.include({ outcome: 'failed', code: 'AccessDenied' });
    expect(failed && 'message' in failed && failed.message).to.match(/1 of 3 versions .* 2\.0: /);
    expect(outcomeOf(first, 'nail')).to.include({ outcome: 'stored' });
    expect(await kept.snapshots({ version: '3.0' })).to.have.length(1);
    kept.registry.faults.length = 0;
    expect(outcomeOf(await run(), 'hammer')).to.deep.include({
      outcome: 'stored',
      versions: { listed: 3, stored: 1, unchanged: 2, skipped: 0, gone: 0 },
    });
  });

  it('reports what is gone from the source once, and keeps it', async () => {
    const version = kept.publish({ assets: { 'a.bin': 'a' } });
    kept.publish({ version: '2.0', assets: { 'a.bin': 'b' } });
    await run();
    kept.registry.deleteVersion(version);
    const second = outcomeOf(await run(), 'hammer');
    expect(second).to.deep.include({ versions: { listed: 1, stored: 0, unchanged: 1, skipped: 0, gone: 1 } });
    expect(second && 'warnings' in second && second.warnings.join()).to.match(/1\.0: Deleted at its source/);
    expect(outcomeOf(await run(), 'hammer')).to.deep.include({ warnings: [] });
    const [, last] = await kept.snapshots();
    expect(await kept.content(last!)).to.deep.equal({ 'a.bin': 'a' });
  });

  it('tells of a package that is no longer listed, and refuses a list that has shrunk by more than half', async () => {
    for (const name of ['a', 'b', 'c', 'd']) kept.publish({ package: name, assets: { 'a.bin': name } });
    await run();
    kept.registry.deletePackage(
      kept.registry.package(kept.repository, { format: 'generic', namespace: 'tools', package: 'a' }),
    );
    expect((await run()).warnings.join()).to.match(/tools\/a is no longer listed; its snapshots are kept/);
    for (const name of ['b', 'c', 'd'])
      kept.registry.deletePackage(
        kept.registry.package(kept.repository, { format: 'generic', namespace: 'tools', package: name }),
      );
    expect((await run()).error).to.include({ code: 'SourceShrunk' });
  });

  it('stores nothing of packages that are copies of public ones', async () => {
    kept.publish({ assets: { 'a.bin': 'a' }, externalConnection: 'public:npmjs' });
    expect(outcomeOf(await run(), 'hammer')).to.deep.include({
      outcome: 'unchanged',
      versions: { listed: 1, stored: 0, unchanged: 0, skipped: 1, gone: 0 },
    });
    expect(await keysOf(kept.vault, 'codeartifact/')).to.have.length(2);
  });

  it('takes only what was chosen', async () => {
    const other = kept.registry.addRepository(kept.registry.findDomain('company'), 'snapshots');
    for (const repository of [kept.repository, other])
      for (const format of ['npm', 'maven'] as const)
        kept.registry.addVersion(repository, {
          format,
          namespace: 'acme',
          package: 'thing',
          version: '1',
          assets: { 'x.bin': 'x' },
        });
    const source = kept.open({
      filters: [{ domain: 'comp*', repositories: ['lib*'], formats: ['maven'] }],
    });
    const { items } = await run(source);
    expect(items.map(({ item }) => item.path.slice(3).join('/'))).to.deep.equal([
      'libraries',
      'libraries/maven/acme/thing',
    ]);
    source.close();
  });

  it('reads a domain of another account where that account is named', async () => {
    const domain = kept.registry.addDomain('partners', { owner: '210987654321' });
    kept.registry.addVersion(kept.registry.addRepository(domain, 'shared'), {
      format: 'generic',
      namespace: 'n',
      package: 'p',
      version: '1',
      assets: { 'x.bin': 'x' },
    });
    const source = kept.open({
      filters: [{ domain: 'partners', owner: '210987654321', repositories: [], formats: [] }],
    });
    const { items, result } = await run(source);
    expect(result).to.equal('complete');
    expect(items.map(({ item }) => item.name)).to.include('210987654321/us-east-1/partners/shared/generic/n/p');
    source.close();
  });

  it('stores the settings of the repository and of each package, again only when they change', async () => {
    kept.publish({ assets: { 'a.bin': 'a' } });
    await run();
    const found = kept.registry.package(kept.repository, { format: 'generic', namespace: 'tools', package: 'hammer' });
    found.restrictions.publish = 'BLOCK';
    const before = await snapshots();
    await run();
    await run();
    expect(await snapshots()).to.equal(before + 1);
  });

  it("keeps all of npm's tags, and what else there is where they cannot be read", async () => {
    const npm = { format: 'npm', namespace: 'acme', package: 'thing' } as const;
    for (const version of ['1.0.0', '2.0.0-beta'])
      kept.registry.addVersion(kept.repository, { ...npm, version, assets: { 'package.tgz': version } });
    kept.registry.package(kept.repository, npm).tags.set('latest', '1.0.0').set('next', '2.0.0-beta');
    const http = new HttpClient();
    const source = kept.open({}, undefined, npmTagReader(http, undefined, kept.registry.clientConfig));
    const prefix = itemPrefix('codeartifact', [
      '123456789012',
      'us-east-1',
      'company',
      'libraries',
      'npm',
      'acme',
      'thing',
    ]);
    const newest = async () => {
      const catalogue = new Catalogue(kept.vault);
      const { snapshots: all } = await catalogue.item(prefix);
      return (await catalogue.manifest(prefix, all.at(-1)!.snapshot)).manifest.metadata;
    };
    await run(source);
    expect(await newest()).to.deep.include({ distTags: { latest: '1.0.0', next: '2.0.0-beta' } });
    kept.registry.denied.push({ action: 'sts:GetServiceBearerToken' });
    const refused = kept.open({}, undefined, npmTagReader(http, undefined, kept.registry.clientConfig));
    const outcome = outcomeOf(await run(refused), 'thing');
    expect(outcome && 'warnings' in outcome && outcome.warnings.join()).to.match(/only "latest" is kept: .*sts:/);
    expect(await newest()).to.deep.include({ defaultDisplayVersion: '1.0.0' });
    for (const one of [source, refused]) one.close();
    http.close();
  });

  it('asks no faster than its share of the quotas', async () => {
    seedPackages(kept.registry, kept.repository, { format: 'npm', packages: 2, versions: 30 });
    const source = kept.open({}, new Quotas(0.5));
    await run(source);
    expect(kept.registry.meter.highestRate('GetPackageVersionAsset')).to.be.at.most(27);
    source.close();
  });
});
