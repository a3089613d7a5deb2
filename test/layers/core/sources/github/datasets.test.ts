import { expect } from 'chai';
import { backUpItem } from '#core/run/back-up-item.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { parseDatasets } from '#core/sources/github/datasets/selection.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { once } from '../../../../support/backups.ts';
import { failWith } from '../../../../support/git-faults.ts';
import type { GitHub } from '../../../../support/github-server.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, names, sourceOver, startStage } from './stage.ts';

const shape = { commits: 1 };

describe('datasets of repositories at GitHub', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  beforeEach(async () => {
    github = await startStage(await folder());
    await github.addRepository('acme/app', { shape, private: true, wiki: { commits: 2 } });
    await github.addRepository('acme/empty', { shape });
    await github.addRepository('acme/plain', { shape, hasWiki: false });
    await github.addRepository('acme/copy', { shape, fork: true });
  });

  afterEach(() => github.close());

  async function listed(...words: string[]): Promise<string[]> {
    const datasets = parseDatasets(words, '--datasets');
    const source = sourceOver(github, { settings: { owner: 'acme', forks: false, datasets } });
    return (await source.inventory()).listed.map(
      ({ item, skipped }) => `${item.name}${skipped === undefined ? '' : `: ${skipped}`}`,
    );
  }

  it('are items below their repository, those that were chosen and that it can have', async () => {
    const skipped = 'acme/copy: fork, and forks are left out';
    expect(await listed('code')).to.deep.equal(['acme/app', 'acme/empty', 'acme/plain', skipped]);
    expect(await listed('code, Wiki')).to.deep.equal([
      'acme/app',
      'acme/app/wiki',
      'acme/empty',
      'acme/empty/wiki',
      'acme/plain',
      skipped,
    ]);
    expect(await listed()).to.include.members(await listed('code', 'wiki'));
    expect(await listed('!wiki')).not.to.include('acme/app/wiki');
  });

  it('have an id and a path that follow from those of the repository', async () => {
    const { listed } = await sourceOver(github, {
      settings: { owner: 'acme', include: ['app'], datasets: new Set(['wiki']) },
    }).inventory();
    expect(listed.slice(0, 2)).to.deep.equal([
      {
        item: { source: 'github', id: '1001', path: ['acme', 'app'], name: 'acme/app' },
        estimatedBytes: 64 * 1024,
        skipped: 'code is not among the datasets',
      },
      { item: { source: 'github', id: '1001.wiki', path: ['acme', 'app', 'wiki'], name: 'acme/app/wiki' } },
    ]);
  });

  it('must be known by name, and something must be left of them', () => {
    expect(() => parseDatasets(['code,wikis'], '--datasets')).to.throw('"wikis" is not a dataset; did you mean wiki?');
    expect(() => parseDatasets(['wiki,!wiki'], 'BACKUP_DATASETS')).to.throw('BACKUP_DATASETS leaves nothing');
    expect(parseDatasets(['code,all'], '--datasets')).to.be.undefined;
  });

  describe('such as a wiki', () => {
    let vault: FolderVault;
    let run = 0;

    beforeEach(async () => {
      vault = new FolderVault(await folder());
    });

    async function backUp(name: string) {
      const source = sourceOver(github, { settings: { owner: 'acme', datasets: new Set(['wiki']) } });
      const { item } = (await source.inventory()).listed.find((one) => one.item.name === `${name}/wiki`)!;
      run += 1;
      const id = `2026-01-01T00000${run}.000Z`;
      return backUpItem({ source, vault, run: id, options: { ...defaultBackupOptions, retry: once } }, item);
    }

    it('are kept by the same token, one without pages as empty', async () => {
      expect(await backUp('acme/app')).to.include({ outcome: 'stored', kind: 'full' });
      expect(await backUp('acme/app')).to.include({ outcome: 'unchanged' });
      expect(await backUp('acme/empty')).to.include({ outcome: 'stored', kind: 'empty' });
    });

    it('fail, and are not taken for empty, where the repository cannot be read either', async () => {
      github.faults.push(failWith({ status: 404, body: 'Repository not found.\n' }, { on: 'info-refs' }));
      expect((await failureOf(backUp('acme/empty'))).code).to.equal('SourceMissing');
      github.faults.splice(0);
      github.faults.push(failWith({ status: 404, body: 'Repository not found.\n' }, { on: 'info-refs', path: /wiki/ }));
      github.faults.push(failWith({ status: 403, body: 'Access denied.\n' }, { on: 'info-refs', path: /empty\.git/ }));
      expect((await failureOf(backUp('acme/empty'))).code).to.equal('AccessDenied');
    });

    it('are found again by the id of a repository that was renamed', async () => {
      const source = sourceOver(github, { settings: { owner: 'acme', datasets: new Set(['wiki']) } });
      const { item } = (await source.inventory()).listed.find((one) => one.item.name === 'acme/app/wiki')!;
      github.rename(github.repositories[0]!, 'acme/product');
      expect(await source.locate(item)).to.deep.equal({
        source: 'github',
        id: '1001.wiki',
        path: ['acme', 'product', 'wiki'],
        name: 'acme/product/wiki',
      });
    });
  });

  it('that are not chosen any more are no loss to the source', async () => {
    const { compareWithEarlier } = await import('#core/run/shrinkage.ts');
    const vault = new FolderVault(await folder());
    const all = await sourceOver(github, { settings: { owner: 'acme', datasets: undefined } }).inventory();
    const run = '2026-01-01T000000.000Z';
    await vault.create(`runs/github/${run}/inventory.json`, Buffer.from(JSON.stringify({ format: 1, run, ...all })));
    const report = { scope: all.scope, result: 'complete', coverage: { listed: all.listed.length } };
    await vault.create(`runs/github/${run}/report.json`, Buffer.from(JSON.stringify(report)));
    const code = await sourceOver(github, { settings: { owner: 'acme', datasets: new Set(['code']) } }).inventory();
    expect(names(code.listed)).to.have.length(4);
    expect(await compareWithEarlier(vault, code, 0)).to.include(
      'acme/app/wiki is no longer listed; its snapshots are kept',
    );
  });
});
