import * as v from 'valibot';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { parse } from '#core/runtime/schema.ts';
import { CodeArtifactSource } from './codeartifact-source.ts';
import { assetsPerMinute, defaultShare, Quotas } from './quotas.ts';
import { packageFormats } from './settings.ts';
import { isPattern } from '../name-pattern.ts';
import { parseS3Location } from '#core/vault/storage/open-vault.ts';
import { duration } from '../objectives.ts';
import type { DeployedRequest, DeployedSource } from '../deployed.ts';

const pattern = v.pipe(v.string(), v.check(isPattern, 'must be a pattern, and not negated'));

const filterSchema = v.pipe(
  v.strictObject({
    domain: pattern,
    owner: v.nullish(v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be the number of an account'))),
    repositories: v.optional(v.array(pattern), []),
    formats: v.optional(v.array(v.picklist(packageFormats)), []),
  }),
  v.transform(({ owner, ...filter }) => ({ ...filter, owner: owner ?? undefined })),
);

/** What Terraform says of the source; there is no secret in it. */
const settingsSchema = v.strictObject({
  prefix: v.optional(v.string(), ''),
  regions: v.pipe(v.array(v.string()), v.minLength(1, 'must name a region')),
  filters: v.optional(v.array(filterSchema), []),
  external: v.optional(v.boolean(), false),
  /** The share of the account's quotas that a run may use. */
  share: v.optional(v.pipe(v.number(), v.gtValue(0, 'must be more than 0'), v.maxValue(1, 'must be at most 1'))),
  notifySuccess: v.optional(v.boolean(), false),
  rpo: v.nullish(duration),
  rto: v.nullish(duration),
  /** Tags the data of every snapshot. */
  project: v.nullish(v.string()),
});

/**
 * CodeArtifact as Terraform describes it.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function openDeployedCodeArtifact({
  env,
  requestsPerMinute: given,
  signal,
  npmTags,
}: DeployedRequest): DeployedSource<CodeArtifactSource> {
  const { HOLDFAST_SETTINGS, HOLDFAST_BUCKET } = readConfiguration(['HOLDFAST_SETTINGS', 'HOLDFAST_BUCKET'], env);
  const settings = parse(settingsSchema, HOLDFAST_SETTINGS, 'HOLDFAST_SETTINGS');
  const { prefix, share = defaultShare, notifySuccess, rpo, rto, project, ...chosen } = settings;
  const requestsPerMinute = given ?? assetsPerMinute * share;
  const http = new HttpClient({ signal });
  const source = new CodeArtifactSource({
    settings: chosen,
    quotas: new Quotas(requestsPerMinute / assetsPerMinute),
    npmTags: npmTags?.(http),
  });
  const vault = `s3://${HOLDFAST_BUCKET}/${prefix}`;
  parseS3Location(vault);
  return {
    source,
    vault,
    options: { tags: typeof project === 'string' ? { project } : {} },
    requestsPerMinute,
    notifySuccess,
    objectives: { rpo: rpo ?? undefined, rto: rto ?? undefined },
    close: () => {
      source.close();
      http.close();
    },
  };
}
