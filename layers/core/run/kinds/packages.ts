import * as v from 'valibot';
import { backUpPackage } from '#core/packages/backup/back-up-package.ts';
import { planPackage, planSettings } from '#core/packages/backup/plan-package.ts';
import type { PackageRequest } from '#core/packages/backup/package-request.ts';
import { storeSettings } from '#core/packages/backup/store-settings.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { placeOf } from '#core/sources/codeartifact/places.ts';
import type { PackageSource } from '#core/sources/source.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Outcome, PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import { proveBytes } from '#core/vault/read-proven.ts';
import type { ItemRequest } from '../item-request.ts';
import { drillByReading } from './drill-by-reading.ts';
import type { Kind } from './kind.ts';

/** Packages: their assets are restored byte by byte, so reading them proves that they restore. */
export const packages: Kind<PackageSource> = {
  backUp: backUpPackageItem,
  plan: planPackageItem,
  verify: (vault, data, _manifest, count) => proveBytes(vault, data, count),
  drill: (request, proof) =>
    drillByReading(
      [...request.snapshot.content.chain, ...request.snapshot.content.data],
      'asset',
      (asset, count) => proveBytes(request.vault, asset, count),
      request,
      proof,
    ),
  outcomeOf: packageOutcome,
};

/** What a run over CodeArtifact lists: a repository, for its settings, or a package with all its versions. */
async function backUpPackageItem(
  request: ItemRequest<PackageSource>,
  item: ManifestItem,
): Promise<Stored | Unchanged | PackageOutcome> {
  const place = placeOf(item);
  const asked = packageRequest(request, item);
  switch (place.kind) {
    case 'repository':
      return storeSettings(asked, item, await request.source.at(place.region).repository(place));
    case 'package':
      return backUpPackage(asked, place);
    case 'version':
      throw new HoldfastError('Usage', `${item.name} is a version, and runs list packages`);
  }
}

/** What a backup of a repository's settings, or of a package, would do. */
async function planPackageItem(
  request: Pick<ItemRequest<PackageSource>, 'source' | 'vault'>,
  item: ManifestItem,
): Promise<Planned> {
  const place = placeOf(item);
  switch (place.kind) {
    case 'repository':
      return planSettings(request, item, await request.source.at(place.region).repository(place));
    case 'package':
      return planPackage(request, place);
    case 'version':
      throw new HoldfastError('Usage', `${item.name} is a version, and runs list packages`);
  }
}

function packageRequest(request: ItemRequest<PackageSource>, item: ManifestItem): PackageRequest {
  const { source, vault, options, signal, onProgress, onRetry } = request;
  return {
    source,
    vault,
    tags: options.tags,
    retry: options.retry,
    signal,
    ...(onProgress ? { onProgress: (bytes: number) => onProgress(item, bytes) } : {}),
    ...(onRetry ? { onRetry: (error: HoldfastError) => onRetry(item, error) } : {}),
  };
}

const versionsSchema = v.object({
  listed: v.number(),
  stored: v.number(),
  unchanged: v.number(),
  skipped: v.number(),
  gone: v.number(),
});

const none = { listed: 0, stored: 0, unchanged: 0, skipped: 0, gone: 0 };

const outcome = v.picklist(['stored', 'unchanged']);
const warnings = v.array(v.string());

/** Of a package, or of the settings of a repository. */
const packageOutputSchema = v.union([
  v.object({ outcome, versions: versionsSchema, bytes: v.number(), warnings }),
  v.pipe(
    v.object({ outcome, snapshot: v.string(), warnings }),
    v.transform(({ outcome, warnings }) => ({ outcome, versions: none, bytes: 0, warnings })),
  ),
  v.object({ outcome: v.literal('in-codebuild') }),
]);

/**
 * What a package's backup answered. Its versions' snapshots do not name the run, and are looked up by every run; a
 * build answers nothing.
 */
function packageOutcome(item: ManifestItem, text: string): Outcome {
  const answer = parseJson(packageOutputSchema, text, `the answer for ${item.name}`, 'Damaged');
  if (answer.outcome !== 'in-codebuild') return { ...answer, item };
  return {
    outcome: 'stored',
    item,
    versions: none,
    bytes: 0,
    warnings: ['done by CodeBuild; its log has the counts'],
  };
}
