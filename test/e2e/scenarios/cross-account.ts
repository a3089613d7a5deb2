import { expect } from 'chai';
import { allows, parseBucketPolicy, type BucketRequest } from '../bucket-policy.ts';
import type { Scenario } from '../scenario.ts';

const role = 'arn:aws:iam::210987654321:role/backup-code';

/** What another account may do in the vault, and what it may not: the policy that Terraform has put on the bucket. */
export const codecommitCrossAccount: Scenario = {
  name: 'codecommit-cross-account',
  async run(world) {
    const policy = parseBucketPolicy(await world.bucketPolicy());
    const bucket = `arn:aws:s3:::${world.bucket}`;
    const own = `${bucket}/shared/210987654321/codecommit/210987654321/us-east-1/shop/2026-11-20T010000.000Z`;
    const others = own.replaceAll('210987654321', '333333333333');
    const once = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
    const put = (resource: string, context: Record<string, string>): BucketRequest => {
      return { role, action: 's3:PutObject', resource, context };
    };
    const list = (prefix: string): BucketRequest => {
      return { role, action: 's3:ListBucket', resource: bucket, context: { 's3:prefix': prefix } };
    };
    const allowed: BucketRequest[] = [
      put(`${own}/manifest.json`, once),
      put(`${own}/0a1b-repository.bundle`, { 's3:ObjectCreationOperation': 'false' }),
      put(`${bucket}/shared/210987654321/runs/codecommit/latest.json`, { 's3:ObjectCreationOperation': 'true' }),
      { role, action: 's3:GetObject', resource: `${own}/manifest.json` },
      { role, action: 's3:AbortMultipartUpload', resource: `${own}/0a1b-repository.bundle` },
      list('shared/210987654321/codecommit/'),
    ];
    const refused: BucketRequest[] = [
      // Replacing or removing what is there, and changing how it is protected.
      put(`${own}/manifest.json`, { 's3:ObjectCreationOperation': 'true' }),
      { role, action: 's3:DeleteObject', resource: `${own}/manifest.json` },
      { role, action: 's3:DeleteObjectVersion', resource: `${own}/manifest.json` },
      { role, action: 's3:PutObjectRetention', resource: `${own}/manifest.json` },
      { role, action: 's3:PutBucketPolicy', resource: bucket },
      // What belongs to others.
      put(`${others}/manifest.json`, once),
      put(`${bucket}/backups/github/acme/website/manifest.json`, once),
      { role, action: 's3:GetObject', resource: `${others}/manifest.json` },
      list('shared/333333333333/'),
      list('shared/'),
      list(''),
      { role, action: 's3:ListBucket', resource: bucket },
      // Others who come.
      { ...put(`${own}/manifest.json`, once), role: 'arn:aws:iam::210987654321:role/somebody' },
      { ...put(`${others}/manifest.json`, once), role: 'arn:aws:iam::333333333333:role/backup-code' },
      // In plain text, or under another encryption than the vault's.
      put(`${own}/manifest.json`, { ...once, 'aws:SecureTransport': 'false' }),
      put(`${own}/manifest.json`, { ...once, 's3:x-amz-server-side-encryption': 'AES256' }),
    ];
    for (const request of allowed) expect(allows(policy, request), JSON.stringify(request)).to.equal(true);
    for (const request of refused) expect(allows(policy, request), JSON.stringify(request)).to.equal(false);
  },
};
