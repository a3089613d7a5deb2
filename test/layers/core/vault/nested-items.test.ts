import path from 'node:path';
import { expect } from 'chai';
import { runBackup } from '#core/run/run.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { recordCheck } from '#core/vault/checks.ts';
import { itemPrefix, removingKey } from '#core/vault/layout.ts';
import { nextId, type SnapshotId } from '#core/vault/snapshot-id.ts';
import { sources } from '#core/sources/table.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { missingSnapshots } from '#core/vault/missing.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { bucket, describeWithS3 } from '../../../support/vault-s3.ts';

const later = new Date(Date.now() + 86_400_000);
const itemAt = (id: string, ...parts: string[]): ManifestItem => ({
  source: 'github',
  id,
  path: parts,
  name: parts.join('/'),
});
const code = itemAt('1', 'acme', 'api');
const wiki = itemAt('1.wiki', 'acme', 'api', 'wiki');
const pages = itemAt('1.pages', 'acme', 'api', 'pages');
const beside = itemAt('2', 'acme', 'api-docs');
const prefixOf = ({ source, path }: ManifestItem): string => itemPrefix(source, path);

/** What must hold where the prefix of an item lies inside that of another, whatever stores the vault. */
function nestedItems(open: () => Promise<Vault>): void {
  const folder = useTemporaryFolders();
  let repository: string;
  let vault: Vault;
  let catalogue: Catalogue;
  let run: SnapshotId = '2026-01-01T000000.000Z';

  before(async () => {
    repository = await createRepository(path.join(await folder(), 'one.git'), { commits: 2 });
  });
  beforeEach(async () => {
    vault = await open();
    catalogue = new Catalogue(vault);
  });

  async function backUp(...items: ManifestItem[]): Promise<SnapshotId> {
    run = nextId(run);
    const source: ListedSource = {
      source: 'github',
      feeds: { repositories: { open: () => new LocalTransport(repository) } },
      inventory: () =>
        Promise.resolve({ source: 'github', scope: 'all', listed: items.map((item) => ({ item })), warnings: [] }),
      close: () => undefined,
    };
    const report = await runBackup({
      source,
      vault,
      run,
      concurrency: 4,
      largestShrinkage: 1,
      options: { ...defaultBackupOptions, full: true },
    });
    expect(report.result, JSON.stringify(report.items)).to.equal('complete');
    return run;
  }

  async function snapshots(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for await (const { address, snapshots: own } of catalogue.items('github'))
      if (own.some(({ hasManifest }) => hasManifest)) found[address] = own.length;
    return found;
  }

  async function lineages(): Promise<Record<string, { snapshots: number; formerly: string[] }>> {
    const found: Record<string, { snapshots: number; formerly: string[] }> = {};
    for await (const { address, formerly, snapshots: own } of catalogue.lineages('github'))
      found[address] = { snapshots: own.length, formerly };
    return found;
  }

  it('have their own snapshots, of which each is verified by itself', async () => {
    await backUp(code, wiki, beside);
    await backUp(code, wiki, pages);
    const all = {
      'github/acme/api': 2,
      'github/acme/api/wiki': 2,
      'github/acme/api/pages': 1,
      'github/acme/api-docs': 1,
    };
    expect(await snapshots()).to.deep.equal(all);
    for (const item of [code, wiki, pages, beside]) {
      const { snapshots: own } = await catalogue.item(prefixOf(item));
      expect(own.map(({ item: prefix }) => prefix)).to.deep.equal(own.map(() => prefixOf(item)));
      for (const entry of own) expect((await verifySnapshot(vault, catalogue, entry)).problems).to.deep.equal([]);
    }
    expect(await missingSnapshots(vault, catalogue, 'github')).to.deep.equal([]);
    expect(await findLeftovers(vault, sources, later)).to.deep.equal([]);
  });

  it('are renamed with the item around them, and keep their histories apart', async () => {
    await backUp(code, wiki);
    await backUp(itemAt('1', 'acme', 'service'), itemAt('1.wiki', 'acme', 'service', 'wiki'));
    expect(await lineages()).to.deep.equal({
      'github/acme/service': { snapshots: 2, formerly: ['github/acme/api'] },
      'github/acme/service/wiki': { snapshots: 2, formerly: ['github/acme/api/wiki'] },
    });
  });

  it('may be the item around them itself, moved below or above its old path', async () => {
    for (const [before, after] of [
      [itemAt('7', 'group', 'api'), itemAt('7', 'group', 'api', 'core')],
      [itemAt('8', 'team', 'api', 'core'), itemAt('8', 'team', 'api')],
    ] as const) {
      await backUp(before);
      await backUp(after);
      const [address, former] = [after, before].map(({ path: parts }) => `github/${parts.join('/')}`);
      expect((await lineages())[address ?? '']).to.deep.equal({ snapshots: 2, formerly: [former] });
      expect(await catalogue.lineage('github', after.id, after.path)).to.have.length(2);
    }
  });

  it('stay when what is around them is pruned, with all that is known of them', async () => {
    const first = await backUp(code, wiki);
    await backUp(code, wiki);
    for (const item of [code, wiki])
      await recordCheck(vault, { item: prefixOf(item), snapshot: first, problems: [], bytes: 1 }, 'drill');
    await vault.create(removingKey(prefixOf(wiki), first), Buffer.from('a removal is under way'));
    expect(await findLeftovers(vault, sources, later, [prefixOf(code)])).to.deep.equal([]);
    const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    const { removed } = await applyRetention(vault, {
      source: 'github',
      policy,
      now: new Date(),
      dryRun: false,
      only: ({ address }) => address === 'github/acme/api',
    });
    expect(removed).to.equal(1);
    expect(await snapshots()).to.deep.equal({ 'github/acme/api': 1, 'github/acme/api/wiki': 2 });
    const checked = (await catalogue.item(prefixOf(wiki))).snapshots.map((entry) => entry.checked);
    expect(checked).to.deep.equal(['intact', undefined]);
    expect(await missingSnapshots(vault, catalogue, 'github')).to.deep.equal([]);
  });

  it('are missed when they are gone without a record, though what is around them is there', async () => {
    const snapshot = await backUp(code, wiki);
    await vault.remove(`${prefixOf(wiki)}${snapshot}/manifest.json`);
    const missing = await missingSnapshots(vault, catalogue, 'github', (item) => item.startsWith(prefixOf(code)));
    expect(missing.map(({ item }) => item)).to.deep.equal([prefixOf(wiki)]);
  });
}

describe('items whose prefix lies inside that of another', () => {
  const folder = useTemporaryFolders();
  describe('in a folder', () => nestedItems(async () => new FolderVault(path.join(await folder(), 'vault'))));
});

describeWithS3('items whose prefix lies inside that of another, in S3', (s3) => {
  nestedItems(() => Promise.resolve(new S3Vault({ bucket, prefix: s3.newPrefix() })));
});
