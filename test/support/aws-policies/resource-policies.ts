import { parsePolicy, type PolicyDocument } from './document.ts';
import type { Resource } from './rendered.ts';

/**
 * The policy of the resource that a request is about, where it decides beside the role's own: that of a key, without
 * which nobody has a right to it, and that of a bucket. A key that is not among the resources leaves all to IAM.
 */
export function resourcePolicyOf(resource: string, resources: Resource[]): PolicyDocument | undefined {
  if (/^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(resource)) {
    const key = resources.find(({ type, values }) => type === 'aws_kms_key' && values['arn'] === resource);
    return typeof key?.values['policy'] === 'string' ? parsePolicy(key.values['policy']) : leavesToIam(resource);
  }
  const bucket = /^arn:[^:]+:s3:::([^/]+)/.exec(resource)?.[1];
  const policy = resources.find(({ type, values }) => type === 'aws_s3_bucket_policy' && values['bucket'] === bucket);
  return bucket !== undefined && typeof policy?.values['policy'] === 'string'
    ? parsePolicy(policy.values['policy'])
    : undefined;
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function leavesToIam(key: string): PolicyDocument {
  const account = key.split(':')[4] ?? '';
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  return parsePolicy(JSON.stringify({ Statement: { Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' } }));
}
