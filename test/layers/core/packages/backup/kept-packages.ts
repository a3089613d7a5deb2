import { backUpVersion } from '#core/packages/backup/back-up-version.ts';
import type { PackageRequest } from '#core/packages/backup/package-request.ts';
import { CodeArtifactSource } from '#core/sources/codeartifact/codeartifact-source.ts';
import { versionItem, type VersionPlace } from '#core/sources/codeartifact/places.ts';
import type { Pace } from '#core/sources/codeartifact/quotas.ts';
import { defaultCodeArtifactSettings, type CodeArtifactSettings } from '#core/sources/codeartifact/settings.ts';
import type { ReadNpmTags } from '#core/sources/source.ts';
import { Catalogue, type Snapshot } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { startCodeArtifact, type CodeArtifact } from '../../../../support/codeartifact-server.ts';
import type { PackageVersion, Repository } from '../../../../support/codeartifact/model.ts';
import type { VersionOptions } from '../../../../support/codeartifact/state.ts';

export const region = 'us-east-1';
export const account = '123456789012';

/** Nobody waits. */
const hurry: Pace = { take: (_quota, request) => request() };

/** A registry with one repository, and a vault beside it. */
export class KeptPackages {
  readonly registry: CodeArtifact;
  readonly repository: Repository;
  readonly source: CodeArtifactSource;
  readonly vault: Vault;

  private constructor(registry: CodeArtifact, vault: Vault, settings: Partial<CodeArtifactSettings>) {
    this.registry = registry;
    this.repository = registry.addRepository(registry.addDomain('company'), 'libraries');
    this.vault = vault;
    this.source = this.open(settings);
  }

  static async start(folder: string, settings: Partial<CodeArtifactSettings> = {}): Promise<KeptPackages> {
    return new KeptPackages(await startCodeArtifact(), new FolderVault(folder), settings);
  }

  /** The registry as a source, without retries of the SDK's own. */
  open(settings: Partial<CodeArtifactSettings> = {}, quotas: Pace = hurry, npmTags?: ReadNpmTags): CodeArtifactSource {
    return new CodeArtifactSource({
      settings: { ...defaultCodeArtifactSettings, regions: [region], ...settings },
      quotas,
      npmTags,
      client: { ...this.registry.clientConfig, maxAttempts: 1 },
    });
  }

  get request(): PackageRequest {
    const retry = { attempts: 3, firstWaitMs: 1, longestWaitMs: 10 };
    return { source: this.source, vault: this.vault, tags: {}, retry };
  }

  /** Publishes a version of a package of the format generic, unless said otherwise. */
  publish(options: Partial<VersionOptions> & Pick<VersionOptions, 'assets'>): PackageVersion {
    return this.registry.addVersion(this.repository, {
      format: 'generic',
      namespace: 'tools',
      package: 'hammer',
      version: '1.0',
      ...options,
    });
  }

  backUp(more: Partial<VersionPlace> = {}, request: Partial<PackageRequest> = {}) {
    return backUpVersion({ ...this.request, ...request }, { ...hammer, ...more });
  }

  /** The snapshots of a version, oldest first. */
  async snapshots(more: Partial<VersionPlace> = {}): Promise<Snapshot[]> {
    const { path } = versionItem({ ...hammer, ...more });
    const catalogue = new Catalogue(this.vault);
    const prefix = itemPrefix('codeartifact', path);
    const { snapshots } = await catalogue.item(prefix);
    const whole = snapshots.filter(({ hasManifest }) => hasManifest);
    return Promise.all(whole.map(({ snapshot }) => catalogue.snapshot(prefix, snapshot)));
  }

  /** Name of each asset of a snapshot → what the vault holds of it. */
  async content({ content }: Snapshot): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const asset of [...content.chain, ...content.data]) {
      if (asset.format !== 'asset') continue;
      const chunks: Buffer[] = [];
      for await (const chunk of this.vault.read(asset.key)) chunks.push(chunk);
      found[asset.name] = Buffer.concat(chunks).toString();
    }
    return found;
  }

  async close(): Promise<void> {
    this.source.close();
    await this.registry.close();
  }
}

/** Version 1.0 of the package tools/hammer. */
export const hammer: VersionPlace = {
  account,
  region,
  domain: 'company',
  repository: 'libraries',
  format: 'generic',
  namespace: 'tools',
  package: 'hammer',
  version: '1.0',
};
