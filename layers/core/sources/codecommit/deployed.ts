import * as v from 'valibot';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { parse } from '#core/runtime/schema.ts';
import { CodeCommitSource } from './codecommit-source.ts';
import { codeCommitRetryPolicy } from './retry.ts';
import { isPattern } from '../name-pattern.ts';
import { parseS3Location } from '#core/vault/storage/open-vault.ts';
import { duration } from '../objectives.ts';
import type { DeployedRequest, DeployedSource } from '../deployed.ts';

const patterns = v.array(v.pipe(v.string(), v.check(isPattern, 'must be a pattern, and not negated')));

/** What Terraform says of the source; there is no secret in it. */
const settingsSchema = v.strictObject({
  prefix: v.optional(v.string(), ''),
  regions: v.pipe(v.array(v.string()), v.minLength(1, 'must name a region')),
  include: v.optional(patterns, []),
  exclude: v.optional(patterns, []),
  tags: v.optional(v.record(v.string(), v.string()), {}),
  fips: v.optional(v.boolean(), false),
  roles: v.optional(v.array(v.strictObject({ arn: v.string(), externalId: v.nullish(v.string()) })), []),
  gitEndpoint: v.nullish(v.pipe(v.string(), v.url('must be a URL'))),
  format: v.optional(v.picklist(['bundle', 'tar.gz', 'zip']), 'bundle'),
  notifySuccess: v.optional(v.boolean(), false),
  rpo: v.nullish(duration),
  rto: v.nullish(duration),
  /** Tags the data of every snapshot, beside the ARN of its repository. */
  project: v.nullish(v.string()),
});

/** AWS itself limits CodeCommit's API, and the SDK waits as AWS demands. */
const requestsPerMinute = 600;

/**
 * CodeCommit as Terraform describes it.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function openDeployedCodeCommit({ env, signal }: DeployedRequest): DeployedSource<CodeCommitSource> {
  const { HOLDFAST_SETTINGS, HOLDFAST_BUCKET } = readConfiguration(['HOLDFAST_SETTINGS', 'HOLDFAST_BUCKET'], env);
  const settings = parse(settingsSchema, HOLDFAST_SETTINGS, 'HOLDFAST_SETTINGS');
  const { prefix, format, notifySuccess, rpo, rto, gitEndpoint, roles, project, ...chosen } = settings;
  const http = new HttpClient({ signal });
  const source = new CodeCommitSource({
    http,
    settings: {
      ...chosen,
      gitEndpoint: gitEndpoint ?? undefined,
      roles: roles.map(({ arn, externalId }) => ({ arn, externalId: externalId ?? undefined })),
    },
  });
  const vault = `s3://${HOLDFAST_BUCKET}/${prefix}`;
  parseS3Location(vault);
  return {
    source,
    vault,
    options: {
      format,
      retry: codeCommitRetryPolicy,
      tags: typeof project === 'string' ? { project } : {},
    },
    requestsPerMinute,
    notifySuccess,
    objectives: { rpo: rpo ?? undefined, rto: rto ?? undefined },
    close: () => {
      source.close();
      http.close();
    },
  };
}
