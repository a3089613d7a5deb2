/** A GitHub account with repositories of every fate, and runs over it. */
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { addsUp, type Report } from '#core/run/report.ts';
import { runBackup, type RunRequest } from '#core/run/run.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { GitHubSource } from '#core/sources/github/github-source.ts';
import { defaultGitHubSettings, type GitHubSettings } from '#core/sources/github/settings.ts';
import { fixedToken } from '#core/sources/hosting/token.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { runPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import { sources } from '#core/sources/table.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { once } from '../../../support/backups.ts';
import { startGitHub, type GitHub } from '../../../support/github-server.ts';
import { collect } from '../../../support/streams.ts';

const token = 'ghp_acmeAcmeAcmeAcmeAcmeAcmeAcmeAcme0001';

export class Account {
  readonly github: GitHub;
  readonly vault: FolderVault;
  readonly #http = new HttpClient({ stallMs: 20_000 });
  #day = 0;

  private constructor(github: GitHub, vault: FolderVault) {
    this.github = github;
    this.vault = vault;
  }

  /** @param folder an empty one */
  static async start(folder: string, names: readonly string[]): Promise<Account> {
    const github = await startGitHub({
      root: join(folder, 'repositories'),
      accounts: [{ login: 'acme', type: 'Organization', members: ['octo'] }, { login: 'octo' }],
      tokens: { [token]: 'octo' },
    });
    for (const name of names)
      await github.addRepository(`acme/${name}`, {
        shape: { commits: 2, seed: name },
        private: name.startsWith('private'),
      });
    return new Account(github, new FolderVault(join(folder, 'vault')));
  }

  source(settings: Partial<GitHubSettings> = {}): GitHubSource {
    return new GitHubSource({
      http: this.#http,
      token: fixedToken(token, 'the test'),
      apiUrl: this.github.apiUrl,
      requestsPerMinute: 60_000,
      retry: once,
      settings: { ...defaultGitHubSettings, owner: 'acme', datasets: new Set(['code']), ...settings },
    });
  }

  nextRun(): SnapshotId {
    this.#day += 1;
    return snapshotIdOf(new Date(Date.UTC(2026, 0, this.#day, 3, 0, 0)));
  }

  /** One run. Whatever it reports must add up and be what is stored. */
  async run(request: Partial<RunRequest> & { settings?: Partial<GitHubSettings> } = {}): Promise<Report> {
    const { settings, ...rest } = request;
    const source = this.source(settings);
    const report = await runBackup({
      source,
      vault: this.vault,
      run: this.nextRun(),
      options: { ...defaultBackupOptions, heaviestChain: 1e6, retry: once },
      concurrency: 3,
      largestShrinkage: 0.5,
      ...rest,
    });
    source.close();
    expect(addsUp(report.coverage), JSON.stringify(report.coverage)).to.equal(true);
    expect(report.items).to.have.length(report.coverage.listed);
    expect(new Set(report.items.map(({ item }) => item.id)).size).to.equal(report.items.length);
    return report;
  }

  async stored(run: SnapshotId, name: 'report' | 'inventory'): Promise<unknown> {
    return JSON.parse((await collect(this.vault.read(`${runPrefix('github', run)}${name}.json`))).toString());
  }

  /** Proves that all there is is sound, restores, and that nothing is left over. @returns snapshots by item */
  async expectSound(vault: Vault = this.vault): Promise<Map<string, SnapshotId[]>> {
    const catalogue = new Catalogue(vault);
    const snapshots = new Map<string, SnapshotId[]>();
    for await (const { address, snapshots: entries } of catalogue.items('github')) {
      snapshots.set(
        address,
        entries.map(({ snapshot }) => snapshot),
      );
      for (const entry of entries) {
        expect((await verifySnapshot(vault, catalogue, entry)).problems).to.deep.equal([]);
        const drilled = await drillSnapshot(vault, catalogue, entry.item, entry.snapshot, { indexer: 'javascript' });
        expect(drilled.problems).to.deep.equal([]);
      }
    }
    expect(await findLeftovers(vault, sources, new Date(Date.now() + 60_000))).to.deep.equal([]);
    return snapshots;
  }

  async close(): Promise<void> {
    this.#http.close();
    await this.github.close();
  }
}

/** For the body of a `describe`: makes accounts, which all end after the suite. */
export function useAccounts(folder: () => Promise<string>): (...names: string[]) => Promise<Account> {
  const accounts: Account[] = [];
  after(() => Promise.all(accounts.map((account) => account.close())));
  return async (...names) => {
    const account = await Account.start(await folder(), names);
    accounts.push(account);
    return account;
  };
}

/** Name of each item → what became of it. */
export function fates({ items }: Report): Record<string, string> {
  return Object.fromEntries(
    items.map((item) => [
      item.item.path[1] ?? '',
      item.outcome === 'failed' ? item.code : 'kind' in item ? item.kind : item.outcome,
    ]),
  );
}
