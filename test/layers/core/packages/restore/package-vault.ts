/** Vaults with packages in them, and their way back into the stand-in for CodeArtifact. */
import { randomBytes } from 'node:crypto';
import { CodeArtifactTarget, type CodeArtifactTargetOptions } from '#core/packages/restore/codeartifact-target.ts';
import {
  restorePackages,
  type PackagesRestore,
  type PackagesRestored,
  type VersionResult,
} from '#core/packages/restore/restore-packages.ts';
import type { PackageName } from '#core/sources/codeartifact/package-name.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { dataKey, itemPrefix, manifestKey } from '#core/vault/layout.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import { writeManifest, type Asset, type ItemMetadata, type Manifest } from '#core/vault/manifest.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { startCodeArtifact, type CodeArtifact } from '../../../../support/codeartifact-server.ts';
import type { Registry } from '../../../../support/package-managers.ts';

export const account = '123456789012';
export const region = 'us-east-1';
/** Where the packages in the vault came from. */
export const repositoryPath = [account, region, 'company', 'libraries'];

/** Nothing waits long, and nothing is tried for ever. */
export const quick = { attempts: 3, firstWaitMs: 1, longestWaitMs: 5 };

export interface StoredVersionOptions extends Pick<PackageName, 'format'> {
  namespace?: string;
  name: string;
  version: string;
  assets: Readonly<Record<string, string | Uint8Array>>;
  metadata?: ItemMetadata;
  /** Default: each is a day after the one before. */
  snapshot?: SnapshotId;
  /** Where the repository is not the usual one. */
  repository?: readonly string[];
}

/** A vault in a folder, and the packages that a test puts into it as a backup would. */
export class PackageVault {
  readonly vault: FolderVault;
  #day = 0;

  constructor(folder: string) {
    this.vault = new FolderVault(folder);
  }

  async version(options: StoredVersionOptions): Promise<Manifest> {
    const { format, namespace = '', name, version, assets, repository = repositoryPath } = options;
    const snapshot = options.snapshot ?? this.#nextSnapshot();
    const path = [...repository, format, namespace, name, version];
    const prefix = itemPrefix('codeartifact', path);
    const data: Asset[] = [];
    for (const [asset, content] of Object.entries(assets)) {
      const writer = this.vault.writer(dataKey(prefix, snapshot, randomBytes(4).toString('hex'), 'asset'));
      await writer.write(Buffer.from(content));
      data.push({ ...(await writer.finish()), format: 'asset', name: asset });
    }
    return this.item(path, { status: 'Published', ...options.metadata }, { snapshot, data });
  }

  /** An item without assets: a repository, a package, or a version that lost them. */
  async item(
    path: readonly string[],
    metadata: ItemMetadata,
    { snapshot = this.#nextSnapshot(), data = [] as Asset[] } = {},
  ): Promise<Manifest> {
    const name = path.join('/');
    const manifest: Manifest = {
      format: 1,
      item: { source: 'codeartifact', id: name, path: [...path], name },
      snapshot,
      kind: data.length > 0 ? 'full' : 'empty',
      chain: [],
      metadata,
      data,
      omitted: [],
      warnings: [],
      tool: { name: 'holdfast', version: '0' },
      started: '2026-11-20T00:00:00.000Z',
      finished: '2026-11-20T00:00:00.000Z',
    };
    const prefix = itemPrefix('codeartifact', path);
    await this.vault.create(manifestKey(prefix, snapshot), Buffer.from(writeManifest(manifest).text));
    return manifest;
  }

  #nextSnapshot(): SnapshotId {
    this.#day += 1;
    return snapshotIdOf(new Date(Date.UTC(2026, 0, this.#day, 3, 0, 0)));
  }
}

/** The stand-in with an empty repository, for the tests of one `describe`. */
export function useRegistry(): () => CodeArtifact {
  let server: CodeArtifact | undefined;
  before(async () => {
    server = await startCodeArtifact({ region, account });
    server.addDomain('company');
  });
  after(() => server?.close());
  return () => {
    if (!server) throw new Error('the stand-in has not started');
    return server;
  };
}

/** A new, empty repository `<name>` in the domain `company`. */
export function emptyRepository(server: CodeArtifact, name: string) {
  return server.addRepository(server.findDomain('company'), name);
}

/** Where a repository of the stand-in serves a format, and a token for it: for the real package managers. */
export function servedAt(server: CodeArtifact, format: string, repository: string): Registry {
  const token = server.tokens.issue(server.findDomain('company'), account, 600).value;
  return { endpoint: `${server.url}/registry/company-${account}.${region}/${format}/${repository}/`, token };
}

export interface Restoring extends Partial<Pick<PackagesRestore, 'path' | 'snapshot' | 'signal' | 'concurrency'>> {
  options?: Partial<CodeArtifactTargetOptions>;
  onProgress?: (address: string, bytes: number) => void;
}

export interface RestoredTo {
  total: PackagesRestored;
  results: VersionResult[];
}

/** Restores what a vault holds into a repository of the stand-in. */
export async function restoreTo(
  server: CodeArtifact,
  repository: string,
  vault: Vault,
  { path = repositoryPath, options = {}, ...more }: Restoring = {},
): Promise<RestoredTo> {
  const http = new HttpClient({ stallMs: 10_000 });
  const place = { region, domain: 'company', account: undefined, repository };
  const results: VersionResult[] = [];
  const target = await CodeArtifactTarget.open(place, {
    http,
    client: server.clientConfig,
    restrict: false,
    policy: quick,
    publishesPerSecond: 10_000,
    ...options,
  });
  try {
    const request = { vault, path, target, concurrency: 2, patience: quick, ...more };
    const total = await restorePackages({ ...request, onResult: (result) => results.push(result) });
    return { total, results };
  } finally {
    target.close();
    http.close();
  }
}
