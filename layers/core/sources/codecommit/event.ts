import * as v from 'valibot';
import type { ManifestItem } from '#core/vault/manifest.ts';

/**
 * What EventBridge tells of a push, read as the repository and the moment. It may come twice, late, out of order, or not
 * at all.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */
export const repositoryEventSchema = v.pipe(
  v.object({
    source: v.literal('aws.codecommit'),
    'detail-type': v.literal('CodeCommit Repository State Change'),
    account: v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be the number of an account')),
    region: v.string(),
    time: v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601')),
    detail: v.object({
      event: v.picklist(['referenceCreated', 'referenceUpdated', 'referenceDeleted']),
      repositoryName: v.pipe(v.string(), v.regex(/^[\w.-]{1,100}$/, 'must be the name of a repository')),
      repositoryId: v.pipe(v.string(), v.nonEmpty('must not be empty')),
    }),
  }),
  v.transform(({ account, region, time, detail }) => ({
    item: itemOf(account, region, detail.repositoryId, detail.repositoryName),
    time: new Date(time),
  })),
);

/**
 * The deletion of a repository with its user, which only CloudTrail reports.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codecommit.html
 */
export const deletionEventSchema = v.pipe(
  v.object({
    source: v.literal('aws.codecommit'),
    'detail-type': v.literal('AWS API Call via CloudTrail'),
    account: v.string(),
    region: v.string(),
    time: v.string(),
    detail: v.object({
      eventName: v.literal('DeleteRepository'),
      userIdentity: v.optional(v.object({ arn: v.optional(v.string(), 'somebody') }), {}),
      requestParameters: v.object({ repositoryName: v.string() }),
    }),
  }),
  v.transform(({ account, region, time, detail }) => ({
    deleted: `${account}/${region}/${detail.requestParameters.repositoryName}`,
    by: detail.userIdentity.arn,
    at: time,
  })),
);

/** @param id survives renames */
export function itemOf(account: string, region: string, id: string, name: string): ManifestItem {
  return { source: 'codecommit', id, path: [account, region, name], name: `${account}/${region}/${name}` };
}
