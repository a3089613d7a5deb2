import * as v from 'valibot';
import { parse } from '#core/runtime/schema.ts';
import type { ItemMetadata } from '#core/vault/manifest.ts';
import type { OriginRestrictions } from '#core/sources/codeartifact/registry-api.ts';

const permission = v.picklist(['ALLOW', 'BLOCK']);
const text = v.optional(v.string());

const packageSchema = v.object({
  originConfiguration: v.optional(
    v.object({ restrictions: v.optional(v.object({ publish: permission, upstream: permission })) }),
  ),
  distTags: v.optional(v.record(v.string(), v.string())),
  defaultDisplayVersion: text,
});

export interface PackageSettings {
  distTags: Record<string, string>;
  restrictions: OriginRestrictions | undefined;
}

/**
 * What a vault says of a package. Of npm's tags CodeArtifact's API shows only the version with `latest`.
 * @throws {HoldfastError} Damaged
 */
export function packageSettings(metadata: ItemMetadata | undefined, what: string): PackageSettings {
  const found = parse(packageSchema, metadata ?? {}, `the settings of ${what}`, 'Damaged');
  const { defaultDisplayVersion: latest, originConfiguration } = found;
  return {
    distTags: found.distTags ?? (latest === undefined ? {} : { latest }),
    restrictions: originConfiguration?.restrictions,
  };
}

const repositorySchema = v.object({
  description: text,
  upstreams: v.optional(v.array(v.object({ repositoryName: v.string() })), []),
  externalConnections: v.optional(v.array(v.object({ externalConnectionName: v.string() })), []),
  tags: v.optional(v.record(v.string(), v.string()), {}),
  policy: text,
});

export type RepositorySettings = v.InferOutput<typeof repositorySchema>;

/** What a vault says of a repository of packages. @throws {HoldfastError} Damaged */
export function repositorySettings(metadata: ItemMetadata | undefined, what: string): RepositorySettings {
  return parse(repositorySchema, metadata ?? {}, `the settings of ${what}`, 'Damaged');
}
