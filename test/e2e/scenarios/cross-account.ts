import { expect } from 'chai';
import { allows, parseBucketPolicy, type BucketRequest } from '../bucket-policy.ts';
import type { Scenario } from '../scenario.ts';
import { deployment, type World } from '../world.ts';

const account = '210987654321';
const role = `arn:aws:iam::${account}:role/backup-code`;

/** What another account may do in the vault, and what it may not: the policy that Terraform has put on the bucket. */
export const codecommitCrossAccount: Scenario = {
  name: 'codecommit-cross-account',
  async run(world) {
    const policy = parseBucketPolicy(await world.bucketPolicy());
    const bucket = `arn:aws:s3:::${world.bucket}`;
    const own = `${bucket}/shared/${account}/codecommit/${account}/us-east-1/shop/2026-11-20T010000.000Z`;
    const others = own.replaceAll(account, '333333333333');
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
      put(`${bucket}/shared/${account}/runs/codecommit/latest.json`, { 's3:ObjectCreationOperation': 'true' }),
      { role, action: 's3:GetObject', resource: `${own}/manifest.json` },
      { role, action: 's3:AbortMultipartUpload', resource: `${own}/0a1b-repository.bundle` },
      list(`shared/${account}/codecommit/`),
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
      { ...put(`${own}/manifest.json`, once), role: `arn:aws:iam::${account}:role/somebody` },
      { ...put(`${others}/manifest.json`, once), role: 'arn:aws:iam::333333333333:role/backup-code' },
      // In plain text, or under another encryption than the vault's.
      put(`${own}/manifest.json`, { ...once, 'aws:SecureTransport': 'false' }),
      put(`${own}/manifest.json`, { ...once, 's3:x-amz-server-side-encryption': 'AES256' }),
    ];
    const used = await usedInVault(world, bucket);
    expect(used.length).to.be.above(50);
    // The results of a map are no business of the vault: Step Functions writes into its own account alone.
    expect(
      used.filter(({ action, resource }) => action === 's3:PutObject' && /runs\/.*items\.json|\/map\//.test(resource)),
    ).to.be.empty;
    for (const request of allowed) expect(allows(policy, request), JSON.stringify(request)).to.equal(true);
    for (const { by, ...request } of used)
      expect(allows(policy, request), `${by}: ${JSON.stringify(request)}`).to.equal(true);
    for (const request of refused) expect(allows(policy, request), JSON.stringify(request)).to.equal(false);
  },
};

/**
 * What a whole deployment has done in its vault, as if it stood in the other account and its vault were that account's
 * place in this bucket. Retention apart, which the account that owns the vault keeps to itself.
 */
async function usedInVault(world: World, bucket: string): Promise<(BucketRequest & { by: string })[]> {
  const own = (text: string): string => text.replace(/^(arn:aws:s3:::[^/]+\/)?backups\//, `$1shared/${account}/`);
  return (await world.aws.calls())
    .filter(({ caller }) => caller.role?.includes(`${deployment}-codecommit-`))
    .filter(({ caller }) => !caller.role?.endsWith('-retention'))
    .flatMap(({ caller, operation, permissions, conditions = {} }) => {
      const read = permissions.find(({ action }) => action === 's3:GetObject')?.resource;
      return permissions
        .filter(({ action, resource }) => action.startsWith('s3:') && resource.startsWith(bucket))
        .map(({ action, resource }) => ({
          by: `${caller.role ?? ''} ${operation} ${read ?? ''}`,
          role,
          action,
          resource: own(resource),
          // Refused what does not exist, the program asks the list for it.
          context: Object.fromEntries(
            Object.entries(
              action === 's3:ListBucket' && read ? { 's3:prefix': read.slice(bucket.length + 1) } : conditions,
            ).map(([key, value]) => [key, own(String(value))]),
          ),
        }));
    });
}
