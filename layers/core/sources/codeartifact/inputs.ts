import type { AnyAccount, PackagePlace, RepositoryPlace, VersionPlace } from './places.ts';

/** Places as requests of CodeArtifact's API name them. */

export function repositoryInput({ domain, account, repository }: AnyAccount<RepositoryPlace>) {
  return { domain, domainOwner: account, repository };
}

export function packageInput(place: AnyAccount<PackagePlace>) {
  const { format, namespace, package: name } = place;
  return { ...repositoryInput(place), format, namespace, package: name };
}

export function versionInput(place: AnyAccount<VersionPlace>) {
  return { ...packageInput(place), packageVersion: place.version };
}
