/**
 * What AWS refused or never heeded, and is mended: each mend is taken back in what is rendered, and the checks must find
 * that and name it. Else a check could have gone blind, and all would look well.
 */
import * as v from 'valibot';
import type { Resource } from '../support/aws-policies/rendered.ts';
import type { Request } from '../support/aws-policies/simulate.ts';

const account = '123456789012';
const here = `us-east-1:${account}`;
const ec2 = (rest: string): string => `arn:aws:ec2:${here}:${rest}`;
const tagged = { 'aws:ResourceTag/holdfast': 'full' };
const created = { 'aws:RequestTag/holdfast': 'full' };
const byService = { 'aws:ViaAWSService': 'true' };

/**
 * What AWS asks of the role that applies, beyond the call that Terraform makes, or otherwise than the call's name says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export const askedOfApply: Request[] = [
  { action: 'ec2:CreateNetworkInterface', resource: ec2('security-group/sg-1'), context: tagged },
  { action: 'ec2:AuthorizeSecurityGroupEgress', resource: ec2('security-group-rule/sgr-1'), context: created },
  { action: 'ec2:AuthorizeSecurityGroupIngress', resource: ec2('security-group-rule/sgr-1'), context: created },
  { action: 'ec2:ModifyNetworkInterfaceAttribute', resource: ec2('security-group/sg-1'), context: tagged },
  { action: 'ec2:ModifyNetworkInterfaceAttribute', resource: ec2('network-interface/eni-1'), context: byService },
  { action: 'ec2:DeleteNetworkInterface', resource: ec2('network-interface/eni-1'), context: byService },
  { action: 'ec2:DescribeRouteTables', resource: '*' },
  { action: 'elasticfilesystem:CreateFileSystem', resource: '*', context: created },
  {
    action: 'elasticfilesystem:TagResource',
    resource: `arn:aws:elasticfilesystem:${here}:file-system/fs-1`,
    context: { ...tagged, 'aws:RequestTag/team': 'storage' },
  },
  { action: 'events:PutPermission', resource: '*' },
  { action: 'events:RemovePermission', resource: '*' },
  { action: 's3:ListTagsForResource', resource: `arn:aws:s3:::full-github-artifacts-${account}-us-east-1` },
];

/** What S3 asks of the role that replicates a bucket with Object Lock. */
export const askedOfReplication: Request[] = [
  's3:GetObjectVersionForReplication',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionTagging',
  's3:GetObjectRetention',
  's3:GetObjectLegalHold',
].map((action) => ({ action, resource: `arn:aws:s3:::locked-vault-${account}-us-east-1/github/acme/website` }));

interface TakenBack {
  mend: string;
  /** The address of the resource, and the attribute that is edited. */
  address: string;
  attribute: string;
  edit: (text: string) => string;
  /** What the checks must say. */
  named: RegExp;
}

const documentSchema = v.looseObject({ Statement: v.array(v.record(v.string(), v.unknown())) });

type Edit = (statement: Record<string, unknown>) => Record<string, unknown>;

/** Edits the statement of a policy by its name. */
const statement =
  (sid: string, edit: Edit) =>
  (text: string): string => {
    const document = v.parse(documentSchema, JSON.parse(text));
    if (!document.Statement.some(({ Sid }) => Sid === sid)) throw new Error(`no statement is called ${sid}`);
    return JSON.stringify({
      ...document,
      Statement: document.Statement.map((one) => (one['Sid'] === sid ? edit(one) : one)),
    });
  };

const without =
  (...actions: string[]): Edit =>
  (one) => ({ ...one, Action: [one['Action']].flat().filter((action) => !actions.includes(String(action))) });

const on =
  (...Resource: string[]): Edit =>
  (one) => ({ ...one, Resource });

const under =
  (key: string): Edit =>
  (one) => ({ ...one, Condition: { StringEquals: { [key]: 'full' } } });

const deploying = (part: string): { address: string; attribute: 'policy' } => ({
  address: `module.bootstrap.aws_iam_policy.deploy["${part}"]`,
  attribute: 'policy',
});
const replicating = { address: 'module.locked.module.vault.aws_iam_role_policy.replication[0]', attribute: 'policy' };
const ofAllPackages = {
  address: 'module.given.module.codeartifact[0].aws_cloudwatch_event_rule.events["changes"]',
  attribute: 'event_pattern',
};

export const takenBack: TakenBack[] = [
  {
    mend: 'a pattern without a choice of one',
    ...ofAllPackages,
    edit: (text) => {
      const pattern = v.parse(v.looseObject({ detail: v.looseObject({ domainOwner: v.unknown() }) }), JSON.parse(text));
      const { domainOwner, ...detail } = pattern.detail;
      return JSON.stringify({ ...pattern, detail: { ...detail, $or: [{ domainOwner }] } });
    },
    named: /\$or needs an array of two or more/,
  },
  {
    mend: 'mount targets with security groups',
    ...deploying('efs_change'),
    edit: statement('ChangeTagged', without('ec2:CreateNetworkInterface')),
    named: /ec2:CreateNetworkInterface on .*security-group/,
  },
  {
    mend: 'mount targets with other security groups',
    ...deploying('efs_change'),
    edit: statement('ChangeTagged', without('ec2:ModifyNetworkInterfaceAttribute')),
    named: /ec2:ModifyNetworkInterfaceAttribute on .*security-group/,
  },
  {
    mend: 'rules of security groups, which have no tags yet',
    ...deploying('efs_change'),
    edit: statement('CreateTagged', under('aws:ResourceTag/holdfast')),
    named: /ec2:AuthorizeSecurityGroupEgress on .*security-group-rule/,
  },
  {
    mend: 'file systems, which are created on no resource',
    ...deploying('efs_change'),
    edit: statement('CreateFileSystems', on(`arn:aws:elasticfilesystem:${here}:file-system/*`)),
    named: /elasticfilesystem:CreateFileSystem/i,
  },
  {
    mend: 'tags of a file system that change later',
    ...deploying('efs_change'),
    edit: statement('ChangeTagged', without('elasticfilesystem:TagResource')),
    named: /elasticfilesystem:TagResource on /,
  },
  {
    mend: 'interfaces that EFS removes',
    ...deploying('efs_change'),
    edit: statement('InterfacesByEfs', under('aws:ResourceTag/holdfast')),
    named: /ec2:DeleteNetworkInterface on /,
  },
  {
    mend: 'route tables that the provider looks at',
    ...deploying('efs_read'),
    edit: statement('WithoutResources', without('ec2:DescribeRouteTables')),
    named: /ec2:DescribeRouteTables/,
  },
  {
    mend: 'buses that take events of other accounts',
    ...deploying('observe'),
    edit: statement('WithoutResources', without('events:PutPermission')),
    named: /events:PutPermission on /,
  },
  {
    mend: 'buses that no longer take events of other accounts',
    ...deploying('observe'),
    edit: statement('WithoutResources', without('events:RemovePermission')),
    named: /events:RemovePermission on /,
  },
  {
    mend: 'tags of buckets, for which newer providers ask otherwise',
    ...deploying('read_storage'),
    edit: statement('Buckets', without('s3:ListTagsForResource')),
    named: /s3:ListTagsForResource on .*artifacts/,
  },
  {
    mend: 'policies of the plan that fit',
    ...deploying('read'),
    edit: (text) => text.replace(/"Sid":\s*"/, (name) => `${name}${'a'.repeat(6144)}`),
    named: /read.* has \d+ characters/,
  },
  {
    mend: 'Object Lock with replication: retention',
    ...replicating,
    edit: statement('ReadLocks', without('s3:GetObjectRetention')),
    named: /s3:GetObjectRetention/,
  },
  {
    mend: 'Object Lock with replication: legal holds',
    ...replicating,
    edit: statement('ReadLocks', without('s3:GetObjectLegalHold')),
    named: /s3:GetObjectLegalHold/,
  },
  {
    mend: 'replication that is watched',
    address: 'module.locked.module.vault.aws_s3_bucket_replication_configuration.vault[0]',
    attribute: 'rule',
    edit: (text) => text.replace(/("metrics":\[\{.*?"status":")Enabled/, '$1Disabled'),
    named: /no alarm hears of copies that fail/,
  },
  {
    mend: 'Object Lock with replication: the boundary',
    address: 'module.bootstrap.aws_iam_policy.boundary',
    attribute: 'policy',
    edit: statement('Objects', without('s3:GetObject*')),
    named: /boundary: s3:GetObjectRetention/,
  },
  {
    mend: 'ten tags of an object, of which a deployment may have more',
    address: 'module.everything.module.efs[0].aws_s3_object.program',
    attribute: 'tags_all',
    edit: () => JSON.stringify(Object.fromEntries('abcdefghijk'.split('').map((key) => [key, '']))),
    named: /11 tags, of at most 10/,
  },
  {
    mend: 'a month and a week of a schedule at once',
    address: 'module.least.module.git_host["github"].module.source.module.pipeline.aws_scheduler_schedule.run',
    attribute: 'schedule_expression',
    edit: () => 'cron(0 2 * * * *)',
    named: /must have \? as either/,
  },
  {
    mend: 'a boundary that fits, be the names as long as they may',
    address: 'module.bootstrap.aws_iam_policy.boundary',
    attribute: 'policy',
    edit: (text) => text.replaceAll(`:*:${account}:`, `:${here}:`),
    named: /boundary has \d+ characters/,
  },
  {
    mend: 'builds of a version of Node.js that the image has',
    address: 'module.least.module.git_host["github"].module.source.module.codebuild.aws_codebuild_project.backup',
    attribute: 'source',
    edit: (text) => text.replace(/("?nodejs"?: )\d+/, '$116').replace(/(\\"nodejs\\": )\d+/, '$116'),
    named: /has no Node\.js 16/,
  },
];

/** The resources as they would be without one mend. */
export function withoutMend(resources: Resource[], { address, attribute, edit }: TakenBack): Resource[] {
  const found = resources.find((one) => one.address === address);
  if (!found) throw new Error(`nothing is rendered at ${address}`);
  const before: unknown = found.values[attribute];
  const isText = typeof before === 'string';
  const text = edit(isText ? before : JSON.stringify(before));
  if (text === (isText ? before : JSON.stringify(before))) throw new Error(`nothing was taken back at ${address}`);
  const after: unknown = isText ? text : JSON.parse(text);
  const one = { ...found, values: { ...found.values, [attribute]: after } };
  return resources.map((other) => (other === found ? one : other));
}
