/** What the API of the stand-in for CodeArtifact does to many versions of a package at once. */
import * as v from 'valibot';
import { bodyOf, packageName, packageOf, repositoryOf, statusOf, type ApiCall, type Operation } from './api-call.ts';
import { packageKey, type Package, type PackageVersion } from './model.ts';
import { normalVersion } from './names.ts';
import { invalid, missing } from './problem.ts';
import { SortedMap } from './sorted-map.ts';

const status = v.optional(v.string());
const revisions = v.optional(v.record(v.string(), v.string()), {});
const versions = v.optional(v.array(v.string()), []);

interface Failure {
  errorCode: 'ALREADY_EXISTS' | 'MISMATCHED_REVISION' | 'MISMATCHED_STATUS' | 'NOT_ALLOWED' | 'NOT_FOUND' | 'SKIPPED';
  errorMessage: string;
}

interface Expected {
  expectedStatus?: string | undefined;
  versionRevisions?: Record<string, string>;
}

export const versionChangeOperations: Record<string, Operation> = {
  async UpdatePackageVersionsStatus(call) {
    const fields = v.object({
      versions,
      targetStatus: v.string(),
      expectedStatus: status,
      versionRevisions: revisions,
    });
    const { versions: names, targetStatus, ...expected } = await bodyOf(call, fields);
    const target = statusOf(targetStatus);
    if (!['Published', 'Unlisted', 'Archived'].includes(target)) throw invalid(`${target} is not a target status`);
    return change(packageOf(call), names, expected, {
      allOrNothing: true,
      refuse: (one) => (one.status === 'Disposed' ? `version ${one.version} is Disposed` : undefined),
      apply: (one) => call.state.setStatus(one, target),
    });
  },

  async DisposePackageVersions(call) {
    const fields = v.object({ versions, expectedStatus: status, versionRevisions: revisions });
    const { versions: names, ...expected } = await bodyOf(call, fields);
    return change(packageOf(call), names, expected, {
      allOrNothing: true,
      apply: (one) => call.state.setStatus(one, 'Disposed'),
    });
  },

  async DeletePackageVersions(call) {
    const { versions: names, ...expected } = await bodyOf(call, v.object({ versions, expectedStatus: status }));
    return change(packageOf(call), names, expected, { apply: (one) => call.state.deleteVersion(one) });
  },

  async CopyPackageVersions(call) {
    const fields = v.object({
      versions,
      versionRevisions: revisions,
      allowOverwrite: v.optional(v.boolean(), false),
      includeFromUpstream: v.optional(v.boolean(), false),
    });
    const { versions: named, versionRevisions, allowOverwrite } = await bodyOf(call, fields);
    if (named.length > 0 === Object.keys(versionRevisions).length > 0) {
      throw invalid('Either versions or versionRevisions must be given');
    }
    const source = sourcePackage(call);
    const to = repositoryOf(call, 'destination-repository');
    const there = (one: PackageVersion) => call.state.findVersion(to, { ...packageName(call), version: one.version });
    return change(
      source,
      named.length > 0 ? named : Object.keys(versionRevisions),
      { versionRevisions },
      {
        exists: (one) => !allowOverwrite && there(one) !== undefined && there(one)?.revision !== one.revision,
        apply(one) {
          const { status: copied, publishedAt, details, revision, externalConnection } = one;
          const assets = Object.fromEntries(one.assets.after());
          const more = {
            status: copied,
            publishedAt,
            details,
            ...(externalConnection !== undefined && { externalConnection }),
          };
          const made = call.state.addVersion(to, {
            ...packageName(call),
            version: one.version,
            assets,
            ...more,
            tags: [],
            quiet: true,
          });
          made.revision = revision;
          for (const [tag, tagged] of source.tags) if (tagged === one.version) made.package.tags.set(tag, tagged);
          call.state.tell(made, 'Created', {
            assetsAdded: one.assets.size,
            metadataUpdated: true,
            statusChanged: true,
          });
        },
      },
    );
  },
};

function sourcePackage(call: ApiCall): Package {
  const name = packageName(call);
  const found = repositoryOf(call, 'source-repository').packages.get(packageKey(name));
  if (!found) throw missing('package', name.package);
  return found;
}

interface Change {
  /** One version that fails lets all others be skipped. */
  allOrNothing?: boolean;
  exists?: (one: PackageVersion) => boolean;
  refuse?: (one: PackageVersion) => string | undefined;
  apply(one: PackageVersion): void;
}

function change(of: Package, names: readonly string[], expected: Expected, how: Change) {
  if (names.length === 0 || names.length > 100) throw invalid('Between 1 and 100 versions must be given');
  const chosen = new SortedMap<PackageVersion>();
  const failedVersions: Record<string, Failure> = {};
  for (const name of names) {
    const found = of.versions.get(normalVersion(of.format, name));
    const failure = found ? failureOf(found, expected, how) : notFound(name);
    if (failure) failedVersions[name] = failure;
    else if (found) chosen.set(name, found);
  }
  const skipped = how.allOrNothing === true && Object.keys(failedVersions).length > 0;
  const successfulVersions: Record<string, { revision: string; status: string }> = {};
  for (const [name, one] of chosen.after()) {
    if (skipped) {
      failedVersions[name] = { errorCode: 'SKIPPED', errorMessage: `version ${name} is skipped` };
      continue;
    }
    how.apply(one);
    successfulVersions[name] = { revision: one.revision, status: one.status };
  }
  return { body: { successfulVersions, failedVersions } };
}

function notFound(name: string): Failure {
  return { errorCode: 'NOT_FOUND', errorMessage: `version ${name} does not exist` };
}

function failureOf(one: PackageVersion, expected: Expected, how: Change): Failure | undefined {
  const { expectedStatus = one.status, versionRevisions = {} } = expected;
  const { [one.version]: revision = one.revision } = versionRevisions;
  if (expectedStatus !== one.status) {
    const errorMessage = `current status: ${one.status}, expected status: ${expectedStatus}`;
    return { errorCode: 'MISMATCHED_STATUS', errorMessage };
  }
  if (revision !== one.revision) {
    const errorMessage = `current revision: ${one.revision}, expected revision: ${revision}`;
    return { errorCode: 'MISMATCHED_REVISION', errorMessage };
  }
  if (how.exists?.(one)) {
    return { errorCode: 'ALREADY_EXISTS', errorMessage: `version ${one.version} exists with another revision` };
  }
  const refused = how.refuse?.(one);
  return refused === undefined ? undefined : { errorCode: 'NOT_ALLOWED', errorMessage: refused };
}
