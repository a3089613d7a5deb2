import * as v from 'valibot';
import type { VersionPlace } from './places.ts';
import { packageFormats } from './settings.ts';

/**
 * What EventBridge tells of a package version, read as the place to look at. It may come twice, late, out of order, or
 * not at all, so nothing else that it says is believed.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/service-event-format-example.html
 */
export const packageEventSchema = v.pipe(
  v.object({
    source: v.literal('aws.codeartifact'),
    'detail-type': v.literal('CodeArtifact Package Version State Change'),
    region: v.string(),
    detail: v.object({
      domainName: v.string(),
      domainOwner: v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be the number of an account')),
      repositoryName: v.string(),
      packageFormat: v.picklist(packageFormats, `must be one of ${packageFormats.join(', ')}`),
      packageNamespace: v.nullish(v.string()),
      packageName: v.string(),
      packageVersion: v.string(),
      packageVersionState: v.string(),
    }),
  }),
  v.transform(({ region, detail }): VersionPlace => {
    const namespace = detail.packageNamespace ?? '';
    return {
      account: detail.domainOwner,
      region,
      domain: detail.domainName,
      repository: detail.repositoryName,
      format: detail.packageFormat,
      namespace: namespace === '' ? undefined : namespace,
      package: detail.packageName,
      version: detail.packageVersion,
    };
  }),
);
