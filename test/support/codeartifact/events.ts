/**
 * What CodeArtifact tells EventBridge of a package version.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/service-event-format-example.html
 */
import { createHash, randomUUID } from 'node:crypto';
import type { LocalAws } from '../local-aws.ts';
import type { PackageVersion, Status } from './model.ts';

export interface Changes {
  assetsAdded: number;
  assetsRemoved: number;
  assetsUpdated: number;
  metadataUpdated: boolean;
  statusChanged: boolean;
}

export interface CodeArtifactEvent {
  version: '0';
  id: string;
  'detail-type': 'CodeArtifact Package Version State Change';
  source: 'aws.codeartifact';
  /** The account that receives it. */
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: {
    domainName: string;
    domainOwner: string;
    repositoryName: string;
    repositoryAdministrator: string;
    packageFormat: string;
    packageNamespace: string | null;
    packageName: string;
    packageVersion: string;
    packageVersionState: Status;
    packageVersionRevision: string;
    changes: Changes;
    operationType: 'Created' | 'Updated' | 'Deleted';
    sequenceNumber: number;
    eventDeduplicationId: string;
  };
}

/** The next event of a package; counts it. */
export function eventOf(
  version: PackageVersion,
  operationType: CodeArtifactEvent['detail']['operationType'],
  changes: Partial<Changes>,
): CodeArtifactEvent {
  const { package: of } = version;
  const { repository } = of;
  const { domain } = repository;
  of.sequence += 1 + (of.sequence % 2); // AWS leaves numbers out, too
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'CodeArtifact Package Version State Change',
    source: 'aws.codeartifact',
    account: domain.owner,
    time: new Date().toISOString().replace(/\.\d+/, ''),
    region: domain.region,
    resources: [of.arn],
    detail: {
      domainName: domain.name,
      domainOwner: domain.owner,
      repositoryName: repository.name,
      repositoryAdministrator: repository.administrator,
      packageFormat: of.format,
      packageNamespace: of.namespace ?? null,
      packageName: of.name,
      packageVersion: version.version,
      packageVersionState: version.status,
      packageVersionRevision: version.revision,
      changes: {
        assetsAdded: 0,
        assetsRemoved: 0,
        assetsUpdated: 0,
        metadataUpdated: false,
        statusChanged: false,
        ...changes,
      },
      operationType,
      sequenceNumber: of.sequence,
      eventDeduplicationId: createHash('sha256').update(`${of.arn} ${of.sequence}`).digest('base64'),
    },
  };
}

/** A message as a queue behind an EventBridge rule hands it to a Lambda function. */
export interface QueueRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: { ApproximateReceiveCount: string; SentTimestamp: string };
  messageAttributes: Record<string, never>;
  md5OfBody: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
}

export function queueRecord(event: CodeArtifactEvent): QueueRecord {
  const body = JSON.stringify(event);
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.parse(event.time)) },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${event.region}:${event.account}:events`,
    awsRegion: event.region,
  };
}

/** Gives events to EventBridge in the local stand-in for AWS, for `onEvent`. Its account and region are the stand-in's. */
export function toEventBridge(aws: Pick<LocalAws, 'call'>): (event: CodeArtifactEvent) => Promise<void> {
  return async (event) => {
    const Entries = [
      {
        Source: event.source,
        DetailType: event['detail-type'],
        Resources: event.resources,
        Detail: JSON.stringify(event.detail),
      },
    ];
    await aws.call('events', 'PutEvents', { Entries });
  };
}
