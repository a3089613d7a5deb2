import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { retry } from '#core/runtime/retry.ts';
import { version as toolVersion } from '#core/runtime/version.ts';
import type { AssetDescription, VersionDescription } from '#core/sources/codeartifact/descriptions.ts';
import { versionItem, type VersionPlace } from '#core/sources/codeartifact/places.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { commit } from '#core/vault/commit.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Asset, CheckedManifest, ItemMetadata, Manifest } from '#core/vault/manifest.ts';
import { snapshotOutcome } from '#core/vault/outcome.ts';
import type { Skipped, Stored, Unchanged } from '#core/vault/outcome.ts';
import { referenceTo } from '#core/vault/reference.ts';
import { assetsOf, newestOf, type Newest, type SoundSnapshot } from './newest.ts';
import type { PackageRequest } from './package-request.ts';
import { claimSnapshot, deleted, type State } from './state.ts';
import { storeAssets } from './store-assets.ts';

/** In these states CodeArtifact gives no assets. https://docs.aws.amazon.com/codeartifact/latest/ug/packages-overview.html */
const withoutAssets = ['Archived', 'Disposed'];

/**
 * Takes a snapshot of a version as it is at its source now, unless the newest snapshot is of that state already. A
 * version that is gone keeps its snapshots, and gets one more that says so.
 * @throws {HoldfastError} SourceMissing where the version is gone and was never stored
 */
export function backUpVersion(request: PackageRequest, place: VersionPlace): Promise<Stored | Unchanged | Skipped> {
  const { signal, onRetry } = request;
  return retry(
    () => {
      throwIfInterrupted(signal);
      return takeSnapshot(request, place);
    },
    request.retry,
    { signal, ...(onRetry ? { onRetry } : {}) },
  );
}

async function takeSnapshot(request: PackageRequest, place: VersionPlace): Promise<Stored | Unchanged | Skipped> {
  const started = new Date();
  const { source, vault } = request;
  const item = versionItem(place);
  const catalogue = new Catalogue(vault);
  const described = await source.at(place.region).version(place);
  const newest = await newestOf(catalogue, item);
  if (!described && newest.id === undefined)
    throw new HoldfastError('SourceMissing', `${item.name} is gone from its source and was never stored`);
  const state = described ? versionState(described) : deleted;
  if (isOf(newest, state)) return asUnchanged(newest.sound);
  const reason = described && source.leftOut(described);
  if (reason !== undefined) return { outcome: 'skipped', item, reason };
  const plan = planOf(described, newest);
  if (!plan)
    return {
      outcome: 'skipped',
      item,
      reason: ['its source no longer serves its assets', ...newest.warnings].join('; '),
    };
  const snapshot = await claimSnapshot(vault, itemPrefix(item.source, item.path), newest.id, state);
  const parts =
    'take' in plan ? await content(request, place, plan.take, newest, snapshot) : kept(plan.keep, described ?? deleted);
  const manifest: Manifest = {
    format: 1,
    item,
    snapshot,
    ...parts,
    omitted: [],
    warnings: [...newest.warnings, ...parts.warnings],
    tool: { name: 'holdfast', version: toolVersion },
    started: started.toISOString(),
    finished: new Date().toISOString(),
  };
  return snapshotOutcome(await commit(vault, catalogue, manifest, request.retry));
}

/** Whether its assets are read, or what there is of them kept; undefined where there is nothing of either. */
function planOf(
  described: VersionDescription | undefined,
  { sound }: Newest,
): { take: VersionDescription } | { keep: SoundSnapshot } | undefined {
  if (described && !withoutAssets.includes(described.status)) return { take: described };
  return sound && { keep: sound };
}

/** What makes two looks at a version the same. */
export function versionState({ revision, status }: Pick<VersionDescription, 'revision' | 'status'>): State {
  return { revision, status };
}

/** Whether the newest snapshot is of this state, and sound. */
export function isOf(newest: Newest, state: State): newest is Newest & { sound: SoundSnapshot } {
  const { metadata } = newest.sound?.snapshot.manifest ?? {};
  return newest.sound !== undefined && Object.entries(state).every(([name, value]) => metadata?.[name] === value);
}

function asUnchanged({ snapshot: { manifest } }: SoundSnapshot): Unchanged {
  const { item, snapshot, parent } = manifest;
  const prefix = itemPrefix(item.source, item.path);
  return { outcome: 'unchanged', item, prefix, snapshot, since: parent?.snapshot ?? snapshot, warnings: [] };
}

type Parts = Pick<Manifest, 'kind' | 'parent' | 'chain' | 'data' | 'metadata' | 'warnings'>;

/** Of a version whose assets cannot be had any more: what there is of it, and that it is so. */
function kept({ snapshot, content: before }: SoundSnapshot, now: { status: string }): Parts {
  return {
    ...same(before),
    metadata: { ...snapshot.manifest.metadata, ...now },
    warnings: [`${now.status} at its source, which no longer serves its assets; the vault keeps them`],
  };
}

function same(before: CheckedManifest): Pick<Parts, 'kind' | 'parent' | 'chain' | 'data'> {
  return { kind: 'unchanged', parent: referenceTo(before), chain: assetsOf(before), data: [] };
}

async function content(
  request: PackageRequest,
  place: VersionPlace,
  described: VersionDescription,
  { sound }: Newest,
  snapshot: SnapshotId,
): Promise<Parts> {
  const { source, vault, tags, signal, onProgress } = request;
  const item = versionItem(place);
  const api = source.at(place.region);
  const listed = await api.assets(place, described.revision);
  const before = sound?.content;
  const earlier = before ? assetsOf(before) : [];
  const reused = earlier.filter((asset) => listed.some((now) => isSame(now, asset)));
  const missing = listed.filter((now) => !reused.some((asset) => isSame(now, asset)));
  const { metadata, warnings } = await describe(request, place, described);
  const common = { metadata, warnings: [...warnings, ...conflicts(missing, earlier, before?.manifest.snapshot)] };
  if (listed.length === 0) return { kind: 'empty', chain: [], data: [], ...common };
  if (before && missing.length === 0 && reused.length === earlier.length) return { ...same(before), ...common };
  const data = await storeAssets({
    vault,
    item: itemPrefix(item.source, item.path),
    snapshot,
    assets: missing,
    read: ({ name }) => api.asset(place, described.revision, name),
    lanes: source.lanes,
    tags,
    signal,
    onProgress,
  });
  if (!before || reused.length === 0) return { kind: 'full', chain: [], data, ...common };
  return { kind: 'incremental', parent: referenceTo(before), chain: reused, data, ...common };
}

function isSame(now: AssetDescription, { name, sha256 }: Asset): boolean {
  return now.name === name && now.sha256 === sha256;
}

/** A registry should never give other bytes under the same name and version. */
function conflicts(missing: AssetDescription[], earlier: Asset[], snapshot = ''): string[] {
  return missing
    .filter(({ name }) => earlier.some((asset) => asset.name === name))
    .map(({ name }) => `the content of ${name} differs from snapshot ${snapshot}; both are kept`);
}

/** What is known beside the assets must never cost the assets. */
async function describe(
  { source, signal }: PackageRequest,
  place: VersionPlace,
  described: VersionDescription,
): Promise<{ metadata: ItemMetadata; warnings: string[] }> {
  const api = source.at(place.region);
  const warnings: string[] = [];
  const orNothing = async <T>(answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      throwIfInterrupted(signal);
      if (!(error instanceof HoldfastError)) throw error;
      warnings.push(`not in this snapshot: ${mask(error.message)}`);
      return undefined;
    }
  };
  const { format, namespace, package: name, version } = place;
  const [readme, dependencies] = await Promise.all([orNothing(api.readme(place)), orNothing(api.dependencies(place))]);
  const metadata = {
    format,
    ...(namespace === undefined ? {} : { namespace }),
    package: name,
    version,
    ...described,
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(readme === undefined ? {} : { readme }),
  };
  return { metadata, warnings };
}
