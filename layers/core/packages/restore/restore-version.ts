import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { retry, type RetryPolicy } from '#core/runtime/retry.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { StoredPackageVersion } from './stored-package.ts';
import type { ExistingVersion, PackageTarget } from './target.ts';

export interface VersionRestored {
  outcome: 'restored' | 'identical';
  /** What was sent. */
  bytes: number;
  assets: number;
  /** What could not be done beside the assets. */
  notes: string[];
}

export interface VersionRestore {
  target: PackageTarget;
  /** Only find out what is missing there; nothing is sent. */
  dryRun?: boolean | undefined;
  onBytes?: (bytes: number) => void;
  /** How long a registry may take to show what it was given. */
  patience?: RetryPolicy;
}

/** A registry shows what it was given after a moment, as a rule within a second. */
const defaultPatience: RetryPolicy = { attempts: 7, firstWaitMs: 250, longestWaitMs: 10_000 };

/**
 * Puts one version back. What is there already is left as it is if it is identical; where anything differs nothing of
 * the version is sent. Run again after an interruption, it sends what is missing.
 * @throws {HoldfastError} TargetNotEmpty where an asset differs, Damaged, and whatever the target fails with
 */
export async function restoreVersion(version: StoredPackageVersion, options: VersionRestore): Promise<VersionRestored> {
  const { target, patience = defaultPatience } = options;
  if (version.assets.length === 0)
    throw new HoldfastError('SourceUnsupported', `the snapshot ${version.snapshot} holds no asset of it`, {
      advice:
        'Registries keep no assets of a version that was disposed of or deleted. An earlier snapshot may hold them.',
    });
  const before = await target.existing(version);
  const missing = version.assets.filter((asset) => !before?.assets.has(asset.name));
  refuseDifferent(version, before, target.name);
  if (missing.length > 0 && options.dryRun !== true) {
    if (target.inSteps && missing.length > 1) await proveAll(missing);
    await publish(version, missing, before, options);
  }
  const settled = missing.length === 0 || options.dryRun === true;
  const after = settled ? before : await retry(() => complete(version, target), patience);
  return {
    outcome: missing.length === 0 ? 'identical' : 'restored',
    bytes: missing.reduce((sum, asset) => sum + asset.bytes, 0),
    assets: version.assets.length,
    notes: after && options.dryRun !== true ? await target.settle(version, after) : [],
  };
}

async function publish(
  version: StoredPackageVersion,
  missing: StoredPackageVersion['assets'],
  before: ExistingVersion | undefined,
  { target, onBytes = () => undefined }: VersionRestore,
): Promise<void> {
  try {
    await target.publish(version, missing, before, onBytes);
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
    // An answer that was lost on its way makes the next attempt meet its own success.
    await complete(version, target).catch((other: unknown) => {
      throw hasCode(other, 'TargetNotEmpty') ? other : error;
    });
  }
}

/** What the target has of the version by now. @throws {HoldfastError} unless that is all of it, equal in every byte */
async function complete(version: StoredPackageVersion, target: PackageTarget): Promise<ExistingVersion> {
  const found = await target.existing(version);
  refuseDifferent(version, found, target.name);
  const absent = version.assets.filter((asset) => !found?.assets.has(asset.name));
  if (found && absent.length === 0) return found;
  throw new HoldfastError(
    'Unavailable',
    `${target.name} took all assets, but does not list ${some(absent.map(({ name }) => name))}`,
    { transient: true, advice: 'Run the same restore again: it continues with what is missing.' },
  );
}

function refuseDifferent(version: StoredPackageVersion, existing: ExistingVersion | undefined, target: string): void {
  const different = version.assets.filter(({ name, sha256 }) => {
    const there = existing?.assets.get(name);
    return there !== undefined && there !== sha256;
  });
  if (different.length === 0) return;
  throw new HoldfastError(
    'TargetNotEmpty',
    `${target} has different content in ${some(different.map(({ name }) => name))} of ${nameOf(version)} ${version.version}`,
    { advice: 'Nothing is ever replaced. Delete that version there, or restore to another repository.' },
  );
}

/** Reads all before any of it is sent, so that of a damaged version nothing is. */
async function proveAll(assets: StoredPackageVersion['assets']): Promise<void> {
  for (const asset of assets) for await (const _ of asset.read());
}

function some(names: string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
