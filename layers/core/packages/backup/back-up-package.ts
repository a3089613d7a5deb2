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
} from '#core/sources/codeartifact/places.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { PackageOutcome, VersionCounts } from '#core/vault/outcome.ts';
import { backUpVersion, versionState } from './back-up-version.ts';
import type { PackageRequest } from './package-request.ts';
import { deleted, stateDigest } from './state.ts';
import { storeSettings } from './store-settings.ts';
import { storedStates, type StoredState } from './stored-states.ts';

/** Each may have several assets on their way. */
const versionsAtOnce = 4;

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
  const stored = await storedStates(vault, itemPrefix(item.source, item.path));
  let shown: string | undefined;
  for await (const { versions, defaultDisplayVersion } of source.at(place.region).versions(place)) {
    shown ??= defaultDisplayVersion;
    const settle = (summary: VersionSummary): Promise<void> => settleVersion(request, place, summary, stored, tally);
    await pMap(versions, settle, { concurrency: versionsAtOnce });
  }
  throwIfInterrupted(signal);
  await pMap(stored, ([prefix, state]) => settleGone(request, prefix, state, tally), { concurrency: versionsAtOnce });
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

async function settleVersion(
  request: PackageRequest,
  place: PackagePlace,
  summary: VersionSummary,
  stored: Map<string, StoredState>,
  tally: Tally,
): Promise<void> {
  const { counts, failures, warnings } = tally;
  const { version } = summary;
  const { path } = versionItem({ ...place, version });
  const prefix = itemPrefix('codeartifact', path);
  const known = stored.get(prefix);
  // What is left of them in the end is gone from the source.
  stored.delete(prefix);
  counts.listed++;
  if (known?.state === stateDigest(versionState(summary))) counts.unchanged++;
  else if (known === undefined && request.source.leftOut(summary) !== undefined) counts.skipped++;
  else if (!request.signal?.aborted) {
    try {
      const outcome = await backUpVersion(request, { ...place, version });
      counts[outcome.outcome]++;
      if (outcome.outcome === 'stored') tally.bytes += outcome.bytes;
      if (outcome.outcome !== 'skipped') warnings.push(...outcome.warnings.map((text) => `${version}: ${text}`));
    } catch (error) {
      failures.push({ version, error });
    }
  }
}

/** A version that the vault has and that is not listed: it may be deleted, and then that is noted once. */
async function settleGone(
  request: PackageRequest,
  prefix: string,
  { newest, state }: StoredState,
  { counts, warnings, failures }: Tally,
): Promise<void> {
  counts.gone++;
  if (state === stateDigest(deleted) || request.signal?.aborted) return;
  try {
    const { manifest } = await new Catalogue(request.vault).manifest(prefix, newest);
    const place = placeOf(manifest.item);
    if (place.kind !== 'version') return;
    const outcome = await backUpVersion(request, place);
    if (outcome.outcome !== 'skipped') warnings.push(...outcome.warnings.map((text) => `${place.version}: ${text}`));
  } catch (error) {
    // What cannot be read says no more of what is gone; verification finds it.
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
