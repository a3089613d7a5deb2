import pMap from 'p-map';
import type { VersionSummary } from '#core/sources/codeartifact/descriptions.ts';
import type { PackagePlace } from '#core/sources/codeartifact/places.ts';
import { packageItem, versionItem } from '#core/sources/codeartifact/places.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { ItemMetadata, ManifestItem } from '#core/vault/manifest.ts';
import type { VersionCounts } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import { manifestsAtOnce, storedVersions } from './back-up-package.ts';
import { isOf, versionState } from './back-up-version.ts';
import { newestAmong, newestOf } from './newest.ts';
import type { PackageRequest } from './package-request.ts';
import { sameSettings } from './store-settings.ts';

/** Says which versions of a package would be stored now, by its list of versions. Fetches and writes nothing. */
export async function planPackage(
  { source, vault }: Pick<PackageRequest, 'source' | 'vault'>,
  place: PackagePlace,
): Promise<Planned> {
  const item = packageItem(place);
  const versions: VersionCounts = { listed: 0, stored: 0, unchanged: 0, skipped: 0, gone: 0 };
  const catalogue = new Catalogue(vault);
  const stored = await storedVersions(catalogue, itemPrefix(item.source, item.path));
  const compare = async (summary: VersionSummary): Promise<void> => {
    const { source: name, path } = versionItem({ ...place, version: summary.version });
    const prefix = itemPrefix(name, path);
    const known = stored.get(prefix);
    stored.delete(prefix);
    versions.listed++;
    if (!known && source.leftOut(summary) !== undefined) versions.skipped++;
    else if (known && isOf(await newestAmong(catalogue, known.snapshots), versionState(summary))) versions.unchanged++;
    else versions.stored++;
  };
  for await (const page of source.at(place.region).versions(place))
    await pMap(page.versions, compare, { concurrency: manifestsAtOnce });
  versions.gone = stored.size;
  return { item, plan: versions.stored > 0 ? 'stored' : 'unchanged', versions };
}

/** Says whether the settings of a repository would be stored now. */
export async function planSettings(
  { vault }: Pick<PackageRequest, 'vault'>,
  item: ManifestItem,
  metadata: ItemMetadata,
): Promise<Planned> {
  const { sound } = await newestOf(new Catalogue(vault), item);
  return { item, plan: sound && sameSettings(sound, metadata) ? 'unchanged' : 'stored' };
}
