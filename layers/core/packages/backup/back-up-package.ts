import pMap from 'p-map';
import { HoldfastError, hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import type { VersionSummary } from '#core/sources/codeartifact/descriptions.ts';
import {
  packageItem,
  packageName,
  placeOf,
  versionItem,
  type PackagePlace,
  type VersionPlace,
} from '#core/sources/codeartifact/places.ts';
import { Catalogue, type ItemEntry } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { PackageOutcome, VersionCounts } from '#core/vault/outcome.ts';
import { backUpVersion, isOf, versionState } from './back-up-version.ts';
import { newestAmong } from './newest.ts';
import type { PackageRequest } from './package-request.ts';
import { deleted } from './state.ts';
import { storeSettings } from './store-settings.ts';

/** Each may have several assets on their way. */
const versionsAtOnce = 4;

/** Manifests that are read at once, to see what has not changed. */
export const manifestsAtOnce = 16;

/** Names enough to see what is going on. */
const mostNamed = 5;

/** What is gathered while the versions pass. */
interface Tally {
  counts: VersionCounts;
  bytes: number;
  warnings: string[];
  failures: { version: string; error: unknown }[];
}

/**
 * Compares all versions of a package with the vault and stores what is missing. One that fails stops no other; the
 * package has failed nevertheless, and the next attempt does what is left.
 */
export async function backUpPackage(request: PackageRequest, place: PackagePlace): Promise<PackageOutcome> {
  const { source, vault, signal } = request;
  const item = packageItem(place);
  const tally: Tally = {
    counts: { listed: 0, stored: 0, unchanged: 0, skipped: 0, gone: 0 },
    bytes: 0,
    warnings: [],
    failures: [],
  };
  const catalogue = new Catalogue(vault);
  const stored = await storedVersions(catalogue, itemPrefix(item.source, item.path));
  let shown: string | undefined;
  for await (const { versions, defaultDisplayVersion } of source.at(place.region).versions(place)) {
    shown ??= defaultDisplayVersion;
    const due: Due[] = [];
    const compare = async (summary: VersionSummary): Promise<void> => {
      const version = { ...place, version: summary.version };
      const { source: name, path } = versionItem(version);
      const prefix = itemPrefix(name, path);
      const known = stored.get(prefix);
      stored.delete(prefix);
      if (await isDue(request, catalogue, summary, known, tally))
        due.push({ place: version, isStored: known !== undefined });
    };
    await pMap(versions, compare, { concurrency: manifestsAtOnce });
    await pMap(due, (version) => settleVersion(request, version, tally), {
      concurrency: versionsAtOnce,
    });
  }
  throwIfInterrupted(signal);
  // What is left of them is gone from the source.
  await pMap(stored.values(), (entry) => settleGone(request, catalogue, entry, tally), { concurrency: versionsAtOnce });
  throwIfInterrupted(signal);
  if (tally.failures.length > 0) throw failureOf(tally, place);
  if (tally.counts.skipped < tally.counts.listed) tally.warnings.push(...(await storePackage(request, place, shown)));
  const { counts, bytes, warnings } = tally;
  return { outcome: counts.stored > 0 ? 'stored' : 'unchanged', item, versions: counts, bytes, warnings };
}

/** What the package is beside its versions. @returns what could not be read of it, and why */
async function storePackage(
  request: PackageRequest,
  place: PackagePlace,
  shown: string | undefined,
): Promise<string[]> {
  const { source } = request;
  const settings = await source.at(place.region).package(place);
  const warnings: string[] = [];
  const tags = place.format === 'npm' ? await tagsOf(request, place, warnings) : undefined;
  await storeSettings(request, packageItem(place), {
    ...settings,
    ...(shown === undefined ? {} : { defaultDisplayVersion: shown }),
    ...(tags === undefined ? {} : { distTags: tags }),
  });
  return warnings;
}

/** Tags must never cost the versions. */
async function tagsOf(
  { source, signal }: PackageRequest,
  place: PackagePlace,
  warnings: string[],
): Promise<Record<string, string> | undefined> {
  try {
    const tags = await source.npmTags?.(place);
    // However the registry orders them, the same tags are the same state.
    return tags && Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch (error) {
    throwIfInterrupted(signal);
    if (!(error instanceof HoldfastError)) throw error;
    warnings.push(`of its tags only "latest" is kept: ${mask(error.message)}`);
    return undefined;
  }
}

/** What the vault holds of the versions of a package, by the prefix of each: one list instead of one for each version. */
export async function storedVersions(catalogue: Catalogue, prefix: string): Promise<Map<string, ItemEntry>> {
  const versions = new Map<string, ItemEntry>();
  for await (const entry of catalogue.below(prefix))
    // The package's own snapshots lie between those of its versions.
    if (entry.item !== prefix && entry.snapshots.some(({ hasManifest }) => hasManifest))
      versions.set(entry.item, entry);
  return versions;
}

/** A version that has to be looked at more closely, and whether the vault has a snapshot of it. */
interface Due {
  place: VersionPlace;
  isStored: boolean;
}

/** Whether there is anything to do for a version. Where there is not, it is counted as what it is. */
async function isDue(
  request: PackageRequest,
  catalogue: Catalogue,
  summary: VersionSummary,
  known: ItemEntry | undefined,
  { counts, failures }: Tally,
): Promise<boolean> {
  counts.listed++;
  if (!known && request.source.leftOut(summary) !== undefined) {
    counts.skipped++;
    return false;
  }
  if (!known || request.signal?.aborted) return true;
  try {
    // Of what is damaged or not whole, the state counts for nothing: it is stored again.
    if (!isOf(await newestAmong(catalogue, known.snapshots), versionState(summary))) return true;
    counts.unchanged++;
  } catch (error) {
    failures.push({ version: summary.version, error });
  }
  return false;
}

async function settleVersion(request: PackageRequest, { place, isStored }: Due, tally: Tally): Promise<void> {
  const { counts, failures, warnings } = tally;
  const { version } = place;
  if (request.signal?.aborted) return;
  try {
    const outcome = await backUpVersion(request, place);
    counts[outcome.outcome]++;
    if (outcome.outcome === 'stored') tally.bytes += outcome.bytes;
    if (outcome.outcome !== 'skipped') warnings.push(...outcome.warnings.map((text) => `${version}: ${text}`));
    // What is stored of it is damaged, and cannot be stored again.
    else if (isStored) warnings.push(`${version}: ${outcome.reason}`);
  } catch (error) {
    failures.push({ version, error });
  }
}

/** A version that the vault has and that is not listed: it may be deleted, and then that is noted once. */
async function settleGone(
  request: PackageRequest,
  catalogue: Catalogue,
  { item: prefix, snapshots }: ItemEntry,
  { counts, warnings, failures }: Tally,
): Promise<void> {
  counts.gone++;
  const newest = snapshots.findLast(({ hasManifest }) => hasManifest);
  if (!newest || request.signal?.aborted) return;
  try {
    const { manifest } = await catalogue.manifest(prefix, newest.snapshot);
    if (manifest.metadata?.['status'] === deleted.status) return;
    const place = placeOf(manifest.item);
    if (place.kind !== 'version') return;
    const outcome = await backUpVersion(request, place);
    if (outcome.outcome !== 'skipped') warnings.push(...outcome.warnings.map((text) => `${place.version}: ${text}`));
  } catch (error) {
    // What cannot be read no longer says what is gone; verification finds it.
    if (!hasCode(error, 'Damaged')) failures.push({ version: prefix, error });
  }
}

function failureOf({ counts, failures }: Tally, place: PackagePlace): HoldfastError {
  const [first] = failures;
  const named = failures.slice(0, mostNamed).map(({ version, error }) => `${version}: ${messageOf(error)}`);
  const more = failures.length > mostNamed ? [`and ${failures.length - mostNamed} more`] : [];
  const cause = first?.error;
  return new HoldfastError(
    cause instanceof HoldfastError ? cause.code : 'Unavailable',
    `${failures.length} of ${counts.listed} versions of ${packageName(place)} were not backed up: ${[...named, ...more].join('; ')}`,
    { cause, advice: cause instanceof HoldfastError ? cause.advice : undefined },
  );
}
