import {
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { connectS3 } from './s3-client.ts';

/** How a bucket keeps what is in it from being removed, as it says itself. */
export interface BucketProtection {
  /** Whether what is removed or replaced stays as an earlier version. */
  versioning: string;
  /** For how long no one may remove a version, and whether some may lift that. */
  objectLock: string;
  /** Where copies go. */
  replication: string;
}

/** @param bucket what is asked needs rights of its own; without them it is said that it is not known */
export async function bucketProtection(bucket: string): Promise<BucketProtection> {
  const { client } = connectS3();
  const ask = async (question: () => Promise<string>): Promise<string> => {
    try {
      return await question();
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      return /NotFound/.test(name) ? 'none' : `not known: the bucket answered ${name}`;
    }
  };
  try {
    return {
      versioning: await ask(async () => {
        const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
        return Status?.toLowerCase() ?? 'none';
      }),
      objectLock: await ask(async () => {
        const answer = await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }));
        const retention = answer.ObjectLockConfiguration?.Rule?.DefaultRetention;
        if (!retention) return 'on, with no default';
        const time = retention.Years === undefined ? `${retention.Days ?? 0} days` : `${retention.Years} years`;
        return `${retention.Mode ?? ''}, ${time}`;
      }),
      replication: await ask(async () => {
        const answer = await client.send(new GetBucketReplicationCommand({ Bucket: bucket }));
        const rules = answer.ReplicationConfiguration?.Rules ?? [];
        const targets = rules
          .filter(({ Status }) => Status === 'Enabled')
          .map(({ Destination }) => Destination?.Bucket);
        return targets.length === 0 ? 'none' : `to ${targets.join(', ')}`;
      }),
    };
  } finally {
    client.destroy();
  }
}
