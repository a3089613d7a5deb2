/** Package versions, as the API of the stand-in for CodeArtifact lists and shows them. */
import { named, packageOf, page, seconds, statusOf, versionOf, type Operation } from './api-call.ts';
import type { Package, PackageVersion } from './model.ts';
import { invalid } from './problem.ts';
import { SortedMap } from './sorted-map.ts';

export const versionOperations: Record<string, Operation> = {
  ListPackageVersions(call) {
    const { query } = call;
    const of = packageOf(call);
    const status = query.has('status') ? statusOf(query.get('status') ?? '') : undefined;
    const sortBy = query.get('sortBy');
    if (sortBy !== null && sortBy !== 'PUBLISHED_TIME') throw invalid(`'${sortBy}' is not a way to sort`);
    const body = page(call, 'versions', sortBy === null ? of.versions : newestFirst(of), (one) => {
      const { version, revision } = one;
      const origin = originOf(one);
      if ((status ?? one.status) !== one.status) return undefined;
      if ((query.get('originType') ?? origin.originType) !== origin.originType) return undefined;
      return { version, revision, status: one.status, origin };
    });
    const newest = defaultVersion(of);
    return { body: { ...named(of), ...(newest !== undefined && { defaultDisplayVersion: newest }), ...body } };
  },

  DescribePackageVersion(call) {
    const found = versionOf(call);
    const { package: of, details, version, status, revision, publishedAt } = found;
    const { package: name, ...rest } = named(of);
    const { displayName = of.name, summary, homePage, sourceCodeRepository, licenses = [] } = details;
    const packageVersion = {
      ...rest,
      packageName: name,
      displayName,
      version,
      ...withoutUndefined({ summary, homePage, sourceCodeRepository }),
      publishedTime: seconds(publishedAt),
      licenses,
      revision,
      status,
      origin: originOf(found),
    };
    return { body: { packageVersion } };
  },

  GetPackageVersionReadme(call) {
    const { package: of, version, revision, details } = versionOf(call);
    const readme = details.readme;
    return { body: { ...named(of), version, versionRevision: revision, ...withoutUndefined({ readme }) } };
  },

  ListPackageVersionDependencies(call) {
    const { package: of, version, revision, details } = versionOf(call);
    const dependencies = new SortedMap<object>();
    for (const [at, one] of (details.dependencies ?? []).entries()) dependencies.set(String(at).padStart(6, '0'), one);
    const body = page(call, 'dependencies', dependencies, (one) => one);
    return { body: { ...named(of), version, versionRevision: revision, ...body } };
  },
};

function originOf({ package: { repository }, externalConnection }: PackageVersion) {
  if (externalConnection === undefined) {
    return { domainEntryPoint: { repositoryName: repository.name }, originType: 'INTERNAL' };
  }
  return { domainEntryPoint: { externalConnectionName: externalConnection }, originType: 'EXTERNAL' };
}

/** Of npm what `latest` says, otherwise what was published last. */
export function defaultVersion(of: Package): string | undefined {
  const latest = of.format === 'npm' ? of.tags.get('latest') : undefined;
  if (latest !== undefined) return latest;
  let newest: PackageVersion | undefined;
  for (const one of of.versions.unsorted()) {
    if (one.status === 'Published' && (!newest || one.publishedAt >= newest.publishedAt)) newest = one;
  }
  return newest?.version;
}

/** Versions by when they were published. */
function newestFirst(of: Package): SortedMap<PackageVersion> {
  const sorted = new SortedMap<PackageVersion>();
  for (const one of of.versions.unsorted()) {
    sorted.set(`${String(1e15 - one.publishedAt.getTime()).padStart(16, '0')} ${one.version}`, one);
  }
  return sorted;
}

function withoutUndefined<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<Value>;
}
