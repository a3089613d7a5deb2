/** Vaults in the local stand-in for S3, for tests. */
import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { localAwsAvailable, startLocalAws, type LocalAws } from './local-aws.ts';

export const bucket = 'holdfast-vault-test';

export interface S3StandIn {
  /** The stand-in's own address. */
  endpoint(): string;
  /** A prefix in the bucket that nothing else uses. */
  newPrefix(): string;
  /** Of uploads that were begun and neither completed nor aborted. */
  unfinishedUploads(prefix: string): Promise<string[]>;
  tagsOf(key: string): Promise<Record<string, string>>;
}

/**
 * A suite that needs S3, with the environment set so that clients find it. Where the stand-in cannot run here, every
 * test of the suite is reported as pending, and the suite's title says why.
 */
export function describeWithS3(title: string, body: (s3: S3StandIn) => void): void {
  const available = localAwsAvailable();
  describe(available === true ? title : `${title} (left out: ${available})`, () => {
    let aws: LocalAws | undefined;
    let client: S3Client | undefined;
    let restore = (): void => undefined;

    before(async function () {
      if (available !== true) this.skip();
      aws = await startLocalAws();
      restore = setEnvironment(aws.environment);
      client = new S3Client();
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
    });

    after(async () => {
      restore();
      client?.destroy();
      await aws?.close();
    });

    body({
      endpoint: () => aws!.endpoint,
      newPrefix: () => `vault/${randomUUID()}`,
      async unfinishedUploads(prefix) {
        const { Uploads } = await client!.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }));
        return (Uploads ?? []).map((upload) => upload.Key ?? '');
      },
      async tagsOf(key) {
        const { TagSet = [] } = await client!.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
        return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
      },
    });
  });
}

/** Sets variables of this process; the function returned puts back what was there. */
export function setEnvironment(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}
