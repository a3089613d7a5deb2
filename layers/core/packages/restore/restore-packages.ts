import pMap from 'p-map';
import { HoldfastError, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { packagesBelow, type ItemInVault, type PackageInVault } from './find-packages.ts';
import { packageSettings } from './package-settings.ts';
import { restoreVersion, type VersionRestore } from './restore-version.ts';
import { isFormat } from '#core/sources/codeartifact/settings.ts';
import { storedVersion, type StoredPackageVersion } from './stored-package.ts';
import type { PackageTarget, PackageToRestore } from './target.ts';

export interface PackagesRestore extends Pick<VersionRestore, 'patience' | 'dryRun'> {
  vault: Vault;
  /** Of a repository, or of what is below it. */
  path: readonly string[];
  target: PackageTarget;
  /** How the id of the snapshot begins, of each version; without it, the newest that holds its assets. */
  snapshot?: string | undefined;
  /** No later snapshot is restored; versions that have only later ones are passed over. */
  notAfter?: SnapshotId | undefined;
  /** How many packages at once. The versions of one come one after the other: registries let one write at a time. */
  concurrency: number;
  onResult: (result: VersionResult) => void;
  /** Called with the bytes of a version that are on their way so far. */
  onProgress?: (address: string, bytes: number) => void;
  signal?: AbortSignal | undefined;
}

/** What became of one version, or of one package beside its versions. */
export type VersionResult = { address: string } & (
  | { outcome: 'restored' | 'identical'; snapshot: SnapshotId; bytes: number; assets: number; notes: string[] }
  | { outcome: 'failed'; code: string; message: string; advice?: string | undefined }
  | { outcome: 'noted'; notes: string[] }
);

export interface PackagesRestored {
  restored: number;
  identical: number;
  failed: number;
  /** How many of the failed are damaged in the vault. */
  damaged: number;
  bytes: number;
}

/**
 * Puts packages back, version by version. One that fails does not stop the others; all are reported.
 * @throws {HoldfastError} NotFound where the vault holds no version there, Interrupted
 */
export async function restorePackages(options: PackagesRestore): Promise<PackagesRestored> {
  const { vault, path, concurrency, signal } = options;
  const total: PackagesRestored = { restored: 0, identical: 0, failed: 0, damaged: 0, bytes: 0 };
  const tell = (result: VersionResult): void => {
    if (result.outcome !== 'noted') total[result.outcome] += 1;
    if (result.outcome === 'failed' && result.code === 'Damaged') total.damaged += 1;
    if (result.outcome === 'restored') total.bytes += result.bytes;
    options.onResult(result);
  };
  const restore = async (found: PackageInVault): Promise<void> => {
    const then = upTo(found, options.notAfter);
    if (then.versions.length > 0 || found.versions.length === 0) await restorePackage(then, options, tell);
  };
  await pMap(packagesBelow(vault, path), restore, { concurrency, ...(signal ? { signal } : {}) }).catch(
    (error: unknown) => {
      throwIfInterrupted(signal);
      throw error;
    },
  );
  if (total.restored + total.identical + total.failed > 0) return total;
  throw new HoldfastError('NotFound', `the vault holds no package version below codeartifact/${path.join('/')}`, {
    advice:
      'holdfast list codeartifact shows what it holds. A package without a namespace has an empty one: npm//lodash.',
  });
}

/** A package as it was at a moment. */
function upTo(found: PackageInVault, notAfter: SnapshotId | undefined): PackageInVault {
  if (notAfter === undefined) return found;
  const earlier = (item: ItemInVault): ItemInVault[] => {
    const snapshots = item.snapshots.filter((id) => id <= notAfter);
    return snapshots.length === 0 ? [] : [{ ...item, snapshots }];
  };
  const [settings] = found.settings ? earlier(found.settings) : [];
  return { ...found, settings, versions: found.versions.flatMap(earlier) };
}

async function restorePackage(
  found: PackageInVault,
  options: PackagesRestore,
  tell: (result: VersionResult) => void,
): Promise<void> {
  const { target, signal, dryRun } = options;
  const address = `codeartifact/${found.path.join('/')}`;
  const note = (notes: string[]): void => {
    if (notes.length > 0) tell({ address, outcome: 'noted', notes });
  };
  let packageToRestore: PackageToRestore;
  try {
    packageToRestore = await describe(found, options.vault);
    if (dryRun !== true) note(await target.begin(packageToRestore));
  } catch (error) {
    throwIfInterrupted(signal);
    for (const version of found.versions) tell(failed(version.address, error));
    return;
  }
  for (const version of inOrder(found, packageToRestore)) {
    throwIfInterrupted(signal);
    tell(await restoreOne(version, options));
  }
  if (dryRun === true) return;
  note(await target.finish(packageToRestore).catch((error: unknown) => [messageOf(error)]));
}

async function describe({ path, settings }: PackageInVault, vault: Vault): Promise<PackageToRestore> {
  const [format, namespace, name = ''] = path.slice(4);
  if (!isFormat(format)) throw new HoldfastError('SourceUnsupported', `${String(format)} is not a package format`);
  const snapshot = settings?.snapshots.at(-1);
  const stored = settings && snapshot ? await new Catalogue(vault).snapshot(settings.item, snapshot) : undefined;
  return {
    format,
    namespace: namespace === '' ? undefined : namespace,
    name,
    ...packageSettings(stored?.manifest.metadata ?? stored?.content.metadata, path.join('/')),
  };
}

/** The version with the tag `latest` first, so that no other ever has it, and those with other tags before the rest. */
function inOrder({ versions }: PackageInVault, { distTags }: PackageToRestore): ItemInVault[] {
  const tagged = new Set(Object.values(distTags));
  const rank = ({ address }: ItemInVault): number => {
    const version = address.slice(address.lastIndexOf('/') + 1);
    if (version === distTags['latest']) return 0;
    return tagged.has(version) ? 1 : 2;
  };
  return versions.toSorted((a, b) => rank(a) - rank(b));
}

async function restoreOne(item: ItemInVault, options: PackagesRestore): Promise<VersionResult> {
  const { target, signal, patience, dryRun, onProgress = () => undefined } = options;
  const { address } = item;
  try {
    const version = await versionIn(item, options);
    let bytes = 0;
    const result = await restoreVersion(version, {
      target,
      dryRun,
      ...(patience ? { patience } : {}),
      onBytes: (more) => {
        throwIfInterrupted(signal);
        onProgress(address, (bytes += more));
      },
    });
    return { address, snapshot: version.snapshot, ...result };
  } catch (error) {
    throwIfInterrupted(signal);
    return failed(address, error);
  }
}

/**
 * The snapshot that was asked for; else the newest that holds assets. Of a version that is gone by then, its status is
 * the last that it had before.
 */
async function versionIn(
  { item, address, snapshots }: ItemInVault,
  { vault, snapshot: wanted }: PackagesRestore,
): Promise<StoredPackageVersion> {
  const matching = snapshots.filter((id) => id.startsWith(wanted ?? ''));
  if (matching.length === 0)
    throw new HoldfastError('NotFound', `${address} has no snapshot ${JSON.stringify(wanted)}`, {
      advice: `Its newest are ${snapshots.slice(-5).join(', ')}.`,
    });
  const catalogue = new Catalogue(vault);
  let found: StoredPackageVersion | undefined;
  for (const id of matching.toReversed()) {
    const version = await snapshotOf(vault, catalogue, item, id).catch((error: unknown) => {
      // What only tells an earlier status must not cost the assets.
      if (found) return found;
      throw error;
    });
    const { status } = version.metadata;
    if (found) found = { ...found, metadata: { ...found.metadata, status } };
    else if (wanted !== undefined || version.assets.length > 0) found = version;
    if (found && !isGone(status)) return found;
  }
  return found ?? snapshotOf(vault, catalogue, item, matching.at(-1) ?? '');
}

async function snapshotOf(
  vault: Vault,
  catalogue: Catalogue,
  item: string,
  id: SnapshotId,
): Promise<StoredPackageVersion> {
  return storedVersion(vault, await catalogue.snapshot(item, id));
}

function isGone(status: string | undefined): boolean {
  return status === 'Deleted' || status === 'Disposed';
}

function failed(address: string, error: unknown): VersionResult {
  const [code, advice] = error instanceof HoldfastError ? [error.code, error.advice] : ['Unexpected', undefined];
  return { address, outcome: 'failed', code, message: messageOf(error), ...(advice === undefined ? {} : { advice }) };
}
