import { backUpPackage } from '#core/packages/backup/back-up-package.ts';
import { planPackage, planSettings } from '#core/packages/backup/plan-package.ts';
import type { PackageRequest } from '#core/packages/backup/package-request.ts';
import { storeSettings } from '#core/packages/backup/store-settings.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { placeOf } from '#core/sources/codeartifact/places.ts';
import type { PackageSource } from '#core/sources/source.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import type { ItemRequest } from '../item-request.ts';

/** What a run over CodeArtifact lists: a repository, for its settings, or a package with all its versions. */
export async function backUpPackageItem(
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
export async function planPackageItem(
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
