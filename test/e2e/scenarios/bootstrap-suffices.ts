import { expect } from 'chai';
import { resourcePolicyOf } from '../../support/aws-policies/resource-policies.ts';
import { rolesOf, type Role } from '../../support/aws-policies/roles.ts';
import { isAllowed, type Request } from '../../support/aws-policies/simulate.ts';
import { grantsOf, outsideBoundary, serves } from '../rehearsal/grants.ts';
import { needed } from '../rehearsal/needed.ts';
import { phases } from '../rehearsal/rehearse.ts';
import { name } from '../rehearsal/settings.ts';
import type { RehearsedScenario } from '../scenario.ts';

/** What destroying everything calls and the role that deploys must not be allowed: SECURITY.md says so. */
const mustStayDenied: [action: string, resource: RegExp][] = [
  ['s3:DeleteBucket', new RegExp(`:::${name}-(vault|efs-logs)-`)],
  ['s3:DeleteObject', new RegExp(`:::${name}-(vault|efs-logs)-`)],
  ['s3:DeleteObjectVersion', new RegExp(`:::${name}-(vault|efs-logs)-`)],
  ['s3:ListBucketVersions', new RegExp(`:::${name}-(vault|efs-logs)-`)],
  ['kms:ScheduleKeyDeletion', /:key\//],
  ['elasticfilesystem:DeleteFileSystem', /:file-system\//],
];

/** Grants that no rehearsal uses, each with the reason. */
const unusedHere: [grant: RegExp, why: string][] = [
  [/:(Untag\w+|RemoveTagsFromResource|DeleteTags)$/, 'no tag is taken away'],
  [/lambda:UpdateFunctionCode|s3:(DeleteObject|GetObjectVersion)$|ssm:UpdateDocument/, 'the program stays the same'],
  [/states:UpdateStateMachine|lambda:Update(EventSourceMapping|FunctionEventInvokeConfig)/, 'an upgrade changes these'],
  [/dynamodb:UpdateTable|events:UpdateEventBus|kms:Update(KeyDescription|Alias)/, 'an upgrade changes these'],
  [/iam:Update(Role|RoleDescription|AssumeRolePolicy)$/, 'an upgrade changes these'],
  [/iam:PutRolePermissionsBoundary|kms:PutKeyPolicy/, 'the boundary and the writers stay the same'],
  [/elasticfilesystem:UpdateFileSystem/, 'the stand-in cannot change the throughput of a file system'],
  [/ModifyMountTargetSecurityGroups|ModifyNetworkInterfaceAttribute/, 'mount targets keep their groups'],
  [/ec2:ModifySecurityGroupRules/, 'the rules stay the same'],
  [
    /autoscaling:(ResumeProcesses|CreateOrUpdateTags|DescribeTags|DescribeScalingActivities)/,
    'groups are changed so by hand only',
  ],
  [/GivenKeys.*kms:/, 'no file system is encrypted by a given key'],
  [/logs:(DisassociateKmsKey|DeleteRetentionPolicy)/, 'logs keep their key, and an end'],
  [/s3:(TagResource|ListTagsForResource)|:ListTagsForResource$|lambda:ListTags/, 'newer providers ask for tags so'],
  [
    /lambda:Get(RuntimeManagementConfig|FunctionConcurrency)|sqs:GetQueueUrl/,
    'providers ask for these in other regions and states',
  ],
  [/sns:ListSubscriptionsByTopic|ec2:DescribeInstanceTypes/, 'providers ask for these in other regions and states'],
];

/**
 * What the roles of terraform/bootstrap may against what Terraform called with everything on, from the first apply to
 * the last: nothing may be missing, since AWS would have refused it, and nothing may be granted that is never used.
 * And what the roles of the deployment are granted against their boundary: what lies outside would be granted in vain.
 */
export const bootstrapSuffices: RehearsedScenario = {
  name: 'bootstrap-suffices',
  async judge(rehearsal) {
    const { created, changed, others, calls } = rehearsal;
    const deploying = rolesOf(others.filter(({ address }) => address.startsWith('module.bootstrap.')));
    const find = (use: string): Role => {
      const role = deploying.find((one) => one.name === `${name}-deploy-${use}`);
      if (!role) throw new Error(`the bootstrap has made no role to ${use}`);
      return role;
    };
    const unknown = phases.flatMap((phase) => calls[phase]).filter(({ operation }) => operation === '?');
    expect(unknown, 'calls that the stand-in could not tell').to.deep.equal([]);

    const missing: string[] = [];
    const forbidden: string[] = [];
    const requests: Request[] = [];
    for (const phase of phases) {
      const resources = phase === 'create' || phase === 'plan' ? created : [...created, ...changed];
      for (const request of await needed(calls[phase], resources)) {
        requests.push(request);
        const denied = mustStayDenied.some(
          ([action, resource]) => action === request.action && resource.test(request.resource),
        );
        // An apply plans before.
        for (const use of phase === 'plan' ? ['plan', 'apply'] : ['apply']) {
          const allowed = await isAllowed(find(use), request, resourcePolicyOf(request.resource, resources));
          if (!allowed && !denied) missing.push(`${phase}: ${use} needs ${describe(request)}`);
          if (allowed && denied) forbidden.push(`${phase}: ${use} may ${describe(request)}`);
        }
      }
    }
    expect(missing, 'missing').to.deep.equal([]);
    expect(forbidden, 'granted, though it must not be').to.deep.equal([]);

    // What the role to plan may, the role to apply may as well.
    const idle = grantsOf(find('apply'))
      .filter((grant) => !requests.some((request) => serves(grant, request)))
      .map(({ policy, action, statement }) => `${policy} (${statement.Sid}): ${action}`);
    const unexplained = idle.filter((grant) => !unusedHere.some(([pattern]) => pattern.test(grant)));
    expect(unexplained, 'granted, and never used').to.deep.equal([]);
    const stale = unusedHere.filter(([pattern]) => !idle.some((grant) => pattern.test(grant)));
    expect(stale, 'explained, though it is used or no longer granted').to.deep.equal([]);

    const deployed = rolesOf([...created, ...others.filter(({ type }) => type === 'aws_iam_policy')]);
    const outside = await Promise.all(deployed.map((role) => outsideBoundary(role)));
    expect(outside.flat(), 'granted outside the boundary').to.deep.equal([]);
  },
};

function describe({ action, resource, context = {} }: Request): string {
  return `${action} on ${resource} ${JSON.stringify(context)}`;
}
