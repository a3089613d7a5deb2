import path from 'node:path';
import type { RegistryPlace } from '#core/sources/codeartifact/registry-api.ts';
import { RegistryApi } from '#core/sources/codeartifact/registry-api.ts';
import { CodeArtifactTarget } from '#core/packages/restore/codeartifact-target.ts';
import { createRepository } from '#core/packages/restore/create-repository.ts';
import { repositoryInVault } from '#core/packages/restore/find-packages.ts';
import { FolderTarget } from '#core/packages/restore/folder-target.ts';
import { repositorySettings, type RepositorySettings } from '#core/packages/restore/package-settings.ts';
import { restorePackages, type VersionResult } from '#core/packages/restore/restore-packages.ts';
import type { PackageTarget } from '#core/packages/restore/target.ts';
import { throwIfInterrupted } from '#core/runtime/errors.ts';
import { codeArtifactDefinition } from '#core/sources/codeartifact/index.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Context } from '../../context.ts';
import { transferMs } from '../../restore-all/estimate.ts';
import { parseAllTarget } from '../../restore-all/places/open-places.ts';
import { fileNames } from '../../restore-all/places/names.ts';
import type { Chosen, KindPlan, Planned, RestoreAll, Watch } from '../../restore-all/plan.ts';
import { failureOf, resultOf } from '../../restore-all/result.ts';

/** How many parts of a path name a repository of packages: account, region, domain, repository. */
const repositoryDepth = 4;
/** And a version: with format, namespace, package and version. */
const versionDepth = 8;

/** A repository of packages, or the part of one that is in the scope. */
interface Group {
  planned: Planned;
  /** Below which its packages are. */
  path: readonly string[];
  /** Of the repository. */
  repository: readonly string[];
  versions: number;
  settings: RepositorySettings;
  /** Undefined for a folder. */
  place: RegistryPlace | undefined;
  folder: string | undefined;
}

/** Plans the restore of packages, one repository of them after the other. */
export async function planPackages(context: Context, request: RestoreAll, items: readonly Chosen[]): Promise<KindPlan> {
  const { flags } = request;
  const http = new HttpClient({ stallMs: flags.stallSeconds * 1000, signal: context.signal });
  try {
    const groups: Group[] = [];
    for (const members of byRepository(items).values()) groups.push(await groupOf(context, request, members));
    refuseSameNames(groups);
    const sorted = upstreamsFirst(groups);
    return {
      planned: sorted.map(({ planned }) => planned),
      notes: [],
      lacks: [],
      estimateMs: transferMs(
        sorted.flatMap(({ planned, versions }) =>
          Array.from({ length: versions }, () => planned.bytes / Math.max(1, versions)),
        ),
        flags.concurrency,
      ),
      act: async (watch) => {
        for (const group of sorted) await restoreGroup(context, request, group, http, watch);
      },
      close: () => http.close(),
    };
  } catch (error) {
    http.close();
    throw error;
  }
}

function pathOf({ address }: Chosen): string[] {
  return address.split('/').slice(1);
}

function byRepository(items: readonly Chosen[]): Map<string, Chosen[]> {
  const groups = new Map<string, Chosen[]>();
  for (const item of items) {
    const key = pathOf(item).slice(0, repositoryDepth).join('/');
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

async function groupOf(
  { vault }: Context,
  { flags, until, scope }: RestoreAll,
  members: readonly Chosen[],
): Promise<Group> {
  const [first] = members;
  const whole = first ? pathOf(first) : [];
  // A whole vault is above the source.
  const depth = scope.source === undefined ? -1 : scope.path.length;
  const repository = whole.slice(0, repositoryDepth);
  const path = whole.slice(0, Math.max(depth, repositoryDepth));
  const versions = members.filter((item) => pathOf(item).length === versionDepth);
  const bytes = members.flatMap(({ entry }) => entry.objects).reduce((sum, object) => sum + object.bytes, 0);
  const address = [codeArtifactDefinition.name, ...path].join('/');
  const below = [codeArtifactDefinition.name, ...repository].slice(depth + 1);
  const group: Group = {
    planned: { address, items: Math.max(1, versions.length), bytes, foreseen: 'content' },
    path,
    repository,
    versions: versions.length,
    settings: repositorySettings(undefined, address),
    place: undefined,
    folder: undefined,
  };
  try {
    group.settings = await settingsInVault(vault, repository, until);
    const target = parseAllTarget(flags.to);
    if (target.sort === 'codeartifact') await lookInDomain(group, target.domain, flags);
    else if (target.sort === 'folder') lookInFolder(group, target.folder, below);
    return group;
  } catch (error) {
    return { ...group, planned: { ...group.planned, foreseen: 'fails', why: failureOf(error) } };
  }
}

async function lookInDomain(group: Group, domain: string, flags: RestoreAll['flags']): Promise<void> {
  const [, region = '', , repository = ''] = group.repository;
  const place = { region: flags.region ?? region, domain, account: flags.domainOwner, repository };
  const api = new RegistryApi(place);
  try {
    group.place = place;
    group.planned.to = `${domain}/${repository}`;
    group.planned.foreseen = (await api.repository()) ? 'content' : 'made';
  } finally {
    api.close();
  }
}

function lookInFolder(group: Group, folder: string, below: readonly string[]): void {
  group.folder = path.join(path.resolve(folder), ...fileNames({ address: group.planned.address, below }));
  group.planned.to = group.folder;
  if (group.versions > 0) return;
  group.planned.foreseen = 'left-out';
  group.planned.why = { code: 'LeftOut', message: 'it holds no package, and a folder keeps no settings' };
}

function refuseSameNames(groups: Group[]): void {
  const owners = new Map<string, string>();
  for (const group of groups) {
    const { to, address } = group.planned;
    if (to === undefined) continue;
    const owner = owners.get(to);
    owners.set(to, owner ?? address);
    if (owner === undefined) continue;
    const advice = `Restore it alone, under another name: holdfast restore ${address} --to <domain>/<repository> --create`;
    group.planned.foreseen = 'fails';
    group.planned.why = { code: 'TargetNotEmpty', message: `${to} is where ${owner} goes`, advice };
  }
}

/** A repository is made with those of its upstreams that are there. */
function upstreamsFirst(groups: readonly Group[]): Group[] {
  const sorted = new Set<Group>();
  const add = (group: Group, above: readonly Group[]): void => {
    const isUpstream = ({ repository }: Group): boolean =>
      group.settings.upstreams.some(({ repositoryName }) => repositoryName === repository[3]) &&
      repository.slice(0, 3).join('/') === group.repository.slice(0, 3).join('/');
    for (const other of groups)
      if (!sorted.has(other) && !above.includes(other) && isUpstream(other)) add(other, [...above, group]);
    sorted.add(group);
  };
  for (const group of groups) if (!sorted.has(group)) add(group, [group]);
  return [...sorted];
}

async function settingsInVault(
  vault: Vault,
  path: readonly string[],
  until: SnapshotId | undefined,
): Promise<RepositorySettings> {
  const found = await repositoryInVault(vault, path);
  const newest = found?.snapshots.findLast((id) => until === undefined || id <= until);
  const snapshot = found && newest ? await new Catalogue(vault).snapshot(found.item, newest) : undefined;
  return repositorySettings(snapshot?.manifest.metadata ?? snapshot?.content.metadata, path.join('/'));
}

async function restoreGroup(
  { vault, signal }: Context,
  { flags, until }: RestoreAll,
  group: Group,
  http: HttpClient,
  watch: Watch,
): Promise<void> {
  const { planned } = group;
  if (planned.foreseen === 'fails' || planned.foreseen === 'left-out') {
    watch.finished(resultOf(planned));
    return;
  }
  const { address } = planned;
  let told = 0;
  const notes: string[] = [];
  watch.started(address, planned.bytes);
  const tell = (result: VersionResult): void => {
    if (result.outcome === 'failed') {
      told += 1;
      const { address, code, message, advice } = result;
      watch.finished(resultOf({ ...planned, address, items: 1, foreseen: 'fails', why: { code, message, advice } }));
    } else notes.push(...result.notes.map((note) => `${result.address}: ${note}`));
  };
  let target: PackageTarget | undefined;
  try {
    target = await openTarget(group, http, signal, notes);
    const bytes = new Map<string, number>();
    const { restored, identical } =
      group.versions === 0
        ? { restored: planned.foreseen === 'made' ? 1 : 0, identical: planned.foreseen === 'made' ? 0 : 1 }
        : await restorePackages({
            vault,
            path: group.path,
            target,
            notAfter: until,
            concurrency: flags.concurrency,
            signal,
            onProgress: (version, so) => {
              bytes.set(version, so);
              watch.progress(
                address,
                [...bytes.values()].reduce((sum, one) => sum + one, 0),
              );
            },
            onResult: tell,
          });
    told += restored + identical;
    if (restored > 0) watch.finished({ ...resultOf({ ...planned, items: restored }), notes });
    if (identical > 0)
      watch.finished({
        ...resultOf({ ...planned, items: identical, foreseen: 'there' }),
        notes: restored > 0 ? [] : notes,
      });
  } catch (error) {
    throwIfInterrupted(signal);
    watch.finished(resultOf({ ...planned, items: planned.items - told, foreseen: 'fails', why: failureOf(error) }));
  } finally {
    target?.close();
  }
}

async function openTarget(
  { place, folder, settings, planned }: Group,
  http: HttpClient,
  signal: AbortSignal,
  notes: string[],
): Promise<PackageTarget> {
  if (!place) return new FolderTarget(folder ?? '');
  if (planned.foreseen === 'made') notes.push(...(await createRepository(place, settings)));
  return CodeArtifactTarget.open(place, { http, restrict: true, signal });
}
