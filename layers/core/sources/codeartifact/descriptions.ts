import * as v from 'valibot';
import { packageFormats } from './settings.ts';

/**
 * What CodeArtifact answers, as far as it matters here.
 * https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_Operations.html
 */

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const originType = v.optional(v.object({ originType: v.optional(v.string()) }));

export const domainSchema = v.object({ name: text, owner: text });

export const repositorySummarySchema = v.object({ name: text, domainOwner: text });

export const packageSummarySchema = v.object({
  format: v.picklist(packageFormats),
  namespace: v.optional(v.string()),
  package: text,
});

export const packageSchema = v.object({
  originConfiguration: v.optional(
    v.object({ restrictions: v.optional(v.object({ publish: v.string(), upstream: v.string() })) }),
  ),
});

export type PackageSummary = v.InferOutput<typeof packageSummarySchema>;

export const versionSummarySchema = v.object({ version: text, revision: text, status: text, origin: originType });

export type VersionSummary = v.InferOutput<typeof versionSummarySchema>;

const date = v.pipe(
  v.date(),
  v.transform((time) => time.toISOString()),
);

export const versionSchema = v.object({
  revision: text,
  status: text,
  displayName: v.optional(v.string()),
  summary: v.optional(v.string()),
  homePage: v.optional(v.string()),
  sourceCodeRepository: v.optional(v.string()),
  publishedTime: v.optional(date),
  licenses: v.optional(v.array(v.object({ name: v.optional(v.string()), url: v.optional(v.string()) }))),
  origin: v.optional(
    v.object({
      originType: v.optional(v.string()),
      domainEntryPoint: v.optional(
        v.object({ repositoryName: v.optional(v.string()), externalConnectionName: v.optional(v.string()) }),
      ),
    }),
  ),
});

export type VersionDescription = v.InferOutput<typeof versionSchema>;

/** CodeArtifact states several hashes of each asset, in hexadecimal. */
export const assetSchema = v.pipe(
  v.object({
    name: text,
    size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    hashes: v.object({ 'SHA-256': v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256')) }),
  }),
  v.transform(({ name, size, hashes }) => ({ name, bytes: size, sha256: hashes['SHA-256'].toLowerCase() })),
);

export type AssetDescription = v.InferOutput<typeof assetSchema>;

export const dependencySchema = v.object({
  namespace: v.optional(v.string()),
  package: v.optional(v.string()),
  dependencyType: v.optional(v.string()),
  versionRequirement: v.optional(v.string()),
});

export const repositorySchema = v.object({
  description: v.optional(v.string()),
  upstreams: v.optional(v.array(v.object({ repositoryName: v.string() })), []),
  externalConnections: v.optional(
    v.array(v.object({ externalConnectionName: v.string(), packageFormat: v.optional(v.string()) })),
    [],
  ),
  arn: v.optional(v.string()),
});
