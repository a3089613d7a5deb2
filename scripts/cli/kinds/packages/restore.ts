import type { RegistryPlace } from '#core/sources/codeartifact/registry-api.ts';
import { CodeArtifactTarget } from '#core/packages/restore/codeartifact-target.ts';
import { createRepository } from '#core/packages/restore/create-repository.ts';
import { packagesBelow, parsePackagesAddress, repositoryInVault } from '#core/packages/restore/find-packages.ts';
import { FolderTarget } from '#core/packages/restore/folder-target.ts';
import { MissingTarget } from '#core/packages/restore/missing-target.ts';
import { repositorySettings, type RepositorySettings } from '#core/packages/restore/package-settings.ts';
import { restorePackages, type PackagesRestored, type VersionResult } from '#core/packages/restore/restore-packages.ts';
import type { PackageTarget } from '#core/packages/restore/target.ts';
import { hasCode } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Context } from '../../context.ts';
import { refuseInapplicable } from '../../applicable.ts';
import { restoreScope } from '../../commands/restore/scope.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import type { Output } from '../../output.ts';
import type { RestorePackagesEvent } from '../../commands/restore/events.ts';
import { packagesTarget } from '../../commands/restore/restore-target.ts';

export interface RestorePackagesFlags {
  to: string;
  snapshot?: string;
  /** No later snapshot of a version is restored. */
  at?: string;
  /** Make the repository first, with the settings that it had. */
  create: boolean;
  /** Of the target; that of the item where it is not given. */
  region?: string;
  /** The account that owns the target's domain; the caller's own where it is not given. */
  domainOwner?: string;
  concurrency: number;
  stallSeconds: number;
  /** Only say what would be put there. */
  dryRun: boolean;
}

/** Brings packages back: a version, a package, or a repository of them, to CodeArtifact or into a folder. */
export async function restorePackageItems(
  { vault, output, signal, onStop, given }: Context,
  flags: RestorePackagesFlags,
  typed: string,
): Promise<number> {
  refuseInapplicable(restoreScope, given, packagesTarget(flags.to));
  await requireVault(vault, sources);
  const path = parsePackagesAddress(typed);
  const place = registryPlace(flags, path);
  let versions = 0;
  for await (const found of packagesBelow(vault, path)) versions += found.versions.length;
  const http = new HttpClient({ stallMs: flags.stallSeconds * 1000, signal });
  const began = performance.now();
  const progress = output.progress(versions);
  onStop(() => 'Versions that are restored stay. Run the same command again: it finds them to be identical.');
  let target: PackageTarget | undefined;
  try {
    target = await openTarget(vault, flags, place, path, http, output, signal);
    const total = await restorePackages({
      vault,
      path,
      target,
      snapshot: flags.snapshot,
      notAfter: flags.at,
      dryRun: flags.dryRun,
      concurrency: flags.concurrency,
      signal,
      onProgress: (address, bytes) => progress.update(address, bytes),
      onResult: (result) => {
        if (result.outcome !== 'noted') progress.finish(result.address);
        tellResult(output, result, flags.dryRun);
      },
    });
    progress.stop();
    output.event<RestorePackagesEvent>({ event: 'total', to: target.name, dryRun: flags.dryRun, ...total });
    output.line(flags.dryRun ? planned(total, target.name) : summary(total, target.name, performance.now() - began));
    return exitCodeOf(total);
  } finally {
    progress.stop();
    target?.close();
    http.close();
  }
}

/** Undefined for a folder. */
function registryPlace(flags: RestorePackagesFlags, [, region = '']: string[]): RegistryPlace | undefined {
  if (packagesTarget(flags.to) === 'packages-folder') return undefined;
  const [domain = '', repository = ''] = flags.to.split('/');
  return { region: flags.region ?? region, domain, account: flags.domainOwner, repository };
}

async function openTarget(
  vault: Vault,
  flags: RestorePackagesFlags,
  place: RegistryPlace | undefined,
  path: readonly string[],
  http: HttpClient,
  output: Output,
  signal: AbortSignal,
): Promise<PackageTarget> {
  if (!place) return new FolderTarget(flags.to);
  if (flags.create && flags.dryRun) return openOrMissing(place, http, output, signal);
  if (flags.create) {
    const notes = await createRepository(place, await settingsInVault(vault, path));
    output.event<RestorePackagesEvent>({ event: 'repository', to: `${place.domain}/${place.repository}`, notes });
    for (const note of notes) output.result(`${output.paint('yellow', 'note')}  ${note}`);
  }
  return CodeArtifactTarget.open(place, { http, restrict: flags.create, signal });
}

/** What a dry run compares with, where the repository may have to be made first. */
async function openOrMissing(
  place: RegistryPlace,
  http: HttpClient,
  output: Output,
  signal: AbortSignal,
): Promise<PackageTarget> {
  try {
    return await CodeArtifactTarget.open(place, { http, restrict: true, signal });
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
    const name = `${place.domain}/${place.repository}`;
    output.event<RestorePackagesEvent>({ event: 'would-create', to: name });
    output.result(`would create the repository ${name}`);
    return new MissingTarget(name);
  }
}

async function settingsInVault(vault: Vault, path: readonly string[]): Promise<RepositorySettings> {
  const found = await repositoryInVault(vault, path);
  const newest = found?.snapshots.at(-1);
  const snapshot = found && newest ? await new Catalogue(vault).snapshot(found.item, newest) : undefined;
  return repositorySettings(snapshot?.manifest.metadata ?? snapshot?.content.metadata, path.slice(0, 4).join('/'));
}

function tellResult(output: Output, result: VersionResult, dryRun: boolean): void {
  output.event<RestorePackagesEvent>({ event: 'version', ...result, dryRun });
  const { address } = result;
  switch (result.outcome) {
    case 'restored':
      output.line(
        `${output.paint('green', dryRun ? 'would restore' : 'restored ')}  ${address}  ${count(result.assets, 'asset')}, ${formatBytes(result.bytes)} ${dryRun ? 'to send' : 'sent'}`,
      );
      break;
    case 'identical':
      output.line(`${output.paint('dim', 'identical')}  ${address}`);
      break;
    case 'failed':
      output.result(`${output.paint('red', 'failed   ')}  ${address}  ${result.code}: ${result.message}`);
      if (result.advice !== undefined) output.result(`             ${result.advice}`);
      return;
    case 'noted':
      break;
  }
  for (const note of result.notes) output.result(`  ${output.paint('yellow', 'note')}  ${address}: ${note}`);
}

function summary({ restored, identical, failed, bytes }: PackagesRestored, to: string, milliseconds: number): string {
  return `${count(restored, 'version')} restored to ${to}, ${identical} identical there already, ${failed} failed; ${formatBytes(bytes)} in ${formatDuration(milliseconds)}`;
}

function planned({ restored, identical, failed, bytes }: PackagesRestored, to: string): string {
  return `${count(restored, 'version')} would be restored to ${to}, ${identical} identical there already, ${failed} would fail; ${formatBytes(bytes)} to send; nothing was sent`;
}

function exitCodeOf({ restored, identical, failed, damaged }: PackagesRestored): number {
  if (damaged > 0) return exitCode.damage;
  if (failed === 0) return exitCode.well;
  return restored + identical > 0 ? exitCode.partial : exitCode.failed;
}
