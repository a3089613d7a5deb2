/** What the tests of GitHub's records start from: one repository at the stand-in, and backups of its datasets. */
import { readRecords } from '#core/records/read-records.ts';
import type { RecordLine } from '#core/records/record-line.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { backUpItem } from '#core/run/back-up-item.ts';
import { fixedToken } from '#core/sources/hosting/token.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import { once } from '../../../../../support/backups.ts';
import type { GitHub } from '../../../../../support/github-server.ts';
import type { RepositoryContent } from '../../../../../support/github/records/content.ts';
import type { GitHubRepository } from '../../../../../support/github/state.ts';
import { MemoryVault } from '../../../../../support/memory-vault.ts';
import { sourceOver, startStage, token, type SourceSettings } from '../stage.ts';

export class RecordsStage {
  readonly github: GitHub;
  readonly repository: GitHubRepository;
  readonly content: RepositoryContent;
  readonly vault = new MemoryVault();
  /** How long a chain may be. */
  chains = 30;

  private constructor(github: GitHub, repository: GitHubRepository) {
    this.github = github;
    this.repository = repository;
    this.content = github.contentOf(repository);
  }

  static async start(root: string): Promise<RecordsStage> {
    const github = await startStage(root);
    return new RecordsStage(github, await github.addRepository('acme/api', { shape: { commits: 0 } }));
  }

  item(dataset: string): ManifestItem {
    const [owner = '', name = ''] = this.repository.fullName.split('/');
    return {
      source: 'github',
      id: `${this.repository.id}.${dataset}`,
      path: [owner, name, dataset],
      name: `${this.repository.fullName}/${dataset}`,
    };
  }

  /** Backs up a dataset on a day of 2026; what it asked of GitHub is in `requests` afterwards. */
  async backUp(
    dataset: string,
    day: number,
    settings: SourceSettings = {},
  ): Promise<Stored | Unchanged | PackageOutcome> {
    return this.backUpAs(this.item(dataset), day, settings);
  }

  async backUpAs(
    item: ManifestItem,
    day: number,
    settings: SourceSettings = {},
  ): Promise<Stored | Unchanged | PackageOutcome> {
    this.vault.now = () => new Date(Date.UTC(2026, 0, day, 1));
    this.github.requests.length = 0;
    const source = sourceOver(this.github, {
      token: fixedToken(token, 'the test'),
      ...settings,
      settings: { datasets: undefined, ...settings.settings },
    });
    try {
      const options = { ...defaultBackupOptions, heaviestChain: 1_000, longestChain: this.chains, retry: once };
      const request = { source, vault: this.vault, run: dayId(day), options };
      return await backUpItem(request, item);
    } finally {
      source.close();
    }
  }

  async manifest(dataset: string | ManifestItem, day: number): Promise<Manifest> {
    const { source, path } = typeof dataset === 'string' ? this.item(dataset) : dataset;
    return (await new Catalogue(this.vault).manifest(itemPrefix(source, path), dayId(day))).manifest;
  }

  /** The records of a day, by key. */
  async records(dataset: string | ManifestItem, day: number): Promise<Map<string, RecordLine>> {
    const found = new Map<string, RecordLine>();
    for await (const line of readRecords(this.vault, await this.manifest(dataset, day))) found.set(line.key, line);
    return found;
  }

  /** What was asked of GitHub by the last backup: `GET /repos/acme/api/issues`. */
  get asked(): string[] {
    return this.github.requests.map(({ method, path }) => `${method} ${path}`);
  }
}

export function dayId(day: number): SnapshotId {
  return snapshotIdOf(new Date(Date.UTC(2026, 0, day)));
}

/** A property of what was stored. */
export function of(line: RecordLine | undefined, name: string): unknown {
  const record = line?.record;
  return typeof record === 'object' && record !== null ? Reflect.get(record, name) : undefined;
}
