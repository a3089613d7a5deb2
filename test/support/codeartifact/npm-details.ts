/** What CodeArtifact reads out of npm's names and manifests. */
import type { PackageDependency } from '@aws-sdk/client-codeartifact';
import * as v from 'valibot';
import type { Details } from './model.ts';
import type { NpmManifest } from './npm-document.ts';

export interface NpmName {
  /** With its scope. */
  full: string;
  format: 'npm';
  /** Without `@`. */
  namespace: string | undefined;
  package: string;
}

export function nameOf(full: string): NpmName {
  const [, namespace, name = full] = /^@([^/]+)\/(.+)$/.exec(full) ?? [];
  return { full, format: 'npm', namespace, package: name };
}

const described = v.object({
  description: v.optional(v.string()),
  homepage: v.optional(v.string()),
  license: v.optional(v.string()),
  readme: v.optional(v.string()),
  repository: v.optional(v.union([v.string(), v.object({ url: v.string() })])),
  dependencies: v.optional(v.record(v.string(), v.string()), {}),
  devDependencies: v.optional(v.record(v.string(), v.string()), {}),
  peerDependencies: v.optional(v.record(v.string(), v.string()), {}),
  optionalDependencies: v.optional(v.record(v.string(), v.string()), {}),
});

export function detailsOf(manifest: NpmManifest): Details {
  const said = v.safeParse(described, manifest);
  if (!said.success) return { manifest };
  const { description, homepage, license, readme, repository, ...needs } = said.output;
  const source = typeof repository === 'object' ? repository.url : repository;
  return {
    displayName: nameOf(manifest.name).package,
    manifest,
    dependencies: [
      ...dependencies('regular', needs.dependencies),
      ...dependencies('dev', needs.devDependencies),
      ...dependencies('peer', needs.peerDependencies),
      ...dependencies('optional', needs.optionalDependencies),
    ],
    ...(description !== undefined && { summary: description }),
    ...(homepage !== undefined && { homePage: homepage }),
    ...(license !== undefined && { licenses: [{ name: license }] }),
    ...(readme !== undefined && { readme }),
    ...(source !== undefined && { sourceCodeRepository: source }),
  };
}

function dependencies(dependencyType: string, wanted: Record<string, string>): PackageDependency[] {
  return Object.entries(wanted).map(([full, versionRequirement]) => {
    const { namespace, package: name } = nameOf(full);
    return { ...(namespace !== undefined && { namespace }), package: name, dependencyType, versionRequirement };
  });
}
