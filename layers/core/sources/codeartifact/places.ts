import { HoldfastError } from '#core/runtime/errors.ts';
import { escapeSegment } from '#core/vault/key-escape.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { nameOf } from './package-name.ts';
import { isFormat, type PackageFormat } from './settings.ts';

/** A repository of packages. */
export interface RepositoryPlace {
  /** The account that owns the domain. */
  account: string;
  region: string;
  domain: string;
  repository: string;
}

/** A place whose account need not be named: that of the caller where it is undefined. */
export type AnyAccount<Place extends RepositoryPlace> = Omit<Place, 'account'> & { account: string | undefined };

export interface PackagePlace extends RepositoryPlace {
  format: PackageFormat;
  /** npm's scope, Maven's group; undefined where the package has none. */
  namespace: string | undefined;
  package: string;
}

export interface VersionPlace extends PackagePlace {
  version: string;
}

/** What an item of CodeArtifact stands for. */
export type Place =
  | ({ kind: 'repository' } & RepositoryPlace)
  | ({ kind: 'package' } & PackagePlace)
  | ({ kind: 'version' } & VersionPlace);

export function repositoryItem({ account, region, domain, repository }: RepositoryPlace): ManifestItem {
  return itemOf([account, region, domain, repository]);
}

export function packageItem(place: PackagePlace): ManifestItem {
  const { format, namespace = '', package: name } = place;
  return itemOf([...repositoryItem(place).path, format, namespace, name]);
}

export function versionItem(place: VersionPlace): ManifestItem {
  return itemOf([...packageItem(place).path, place.version]);
}

/** @throws {HoldfastError} Usage for an item that is not of CodeArtifact */
export function placeOf({ source, path, name }: ManifestItem): Place {
  const [account, region, domain, repository, format, namespace, packageName, version] = path;
  if (
    source === 'codeartifact' &&
    account !== undefined &&
    region !== undefined &&
    domain !== undefined &&
    repository !== undefined
  ) {
    const place = { account, region, domain, repository };
    if (path.length === 4) return { kind: 'repository', ...place };
    if (isFormat(format) && namespace !== undefined && packageName !== undefined) {
      const found = { ...place, format, namespace: namespace === '' ? undefined : namespace, package: packageName };
      if (path.length === 7) return { kind: 'package', ...found };
      if (path.length === 8 && version !== undefined) return { kind: 'version', ...found, version };
    }
  }
  throw new HoldfastError('Usage', `${name} is neither a repository nor a package nor a version of CodeArtifact`);
}

/** As `nameOf`, of the package at a place. */
export function packageName({
  format,
  namespace,
  package: name,
}: Pick<PackagePlace, 'format' | 'namespace' | 'package'>): string {
  return nameOf({ format, namespace, name });
}

/** None of its names ever changes, so that all of them together are what survives; names may hold slashes. */
function itemOf(path: string[]): ManifestItem {
  return { source: 'codeartifact', id: path.map(escapeSegment).join('/'), path, name: path.join('/') };
}
