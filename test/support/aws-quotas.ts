/** What AWS takes of names, texts and tags, by type of resource; the stand-in takes anything. */
import type { Resource } from './aws-policies/rendered.ts';

interface Limit {
  attribute: string;
  /** In characters; in bytes where `measure` says so. */
  most: number;
  /** What the text must look like. */
  like?: RegExp;
  measure?: (value: string) => number;
}

const name = (most: number, like = /^[A-Za-z0-9_-]+$/): Limit => ({ attribute: 'name', most, like });
const description = (most: number, like?: RegExp): Limit => ({
  attribute: 'description',
  most,
  ...(like ? { like } : {}),
});
const bytes = (attribute: string, most: number): Limit => ({
  attribute,
  most,
  measure: (value) => Buffer.byteLength(value),
});
const decoded = (value: string): number => Buffer.from(value, 'base64').length;

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
const inSecurityGroups = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/;
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
const inRoles = /^[\s\u0020-\u007E\u00A1-\u00FF]*$/;
const bucketName = /^(?!xn--)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Each from the reference of the call that makes the resource, or from the service's page of quotas. */
const limits: Record<string, Limit[]> = {
  aws_iam_role: [name(64, /^[\w+=,.@-]+$/), description(1000, inRoles)],
  aws_iam_policy: [name(128, /^[\w+=,.@-]+$/), description(1000)],
  aws_iam_instance_profile: [name(128, /^[\w+=,.@-]+$/)],
  aws_lambda_function: [{ attribute: 'function_name', most: 64, like: /^[A-Za-z0-9_-]+$/ }, description(256)],
  aws_lambda_layer_version: [{ attribute: 'layer_name', most: 140 }, description(256)],
  aws_s3_bucket: [{ attribute: 'bucket', most: 63, like: bucketName }],
  aws_s3_bucket_policy: [bytes('policy', 20 << 10)],
  aws_kms_key: [bytes('policy', 32 << 10), description(8192)],
  aws_kms_alias: [name(256, /^alias\/(?!aws\/)[a-zA-Z0-9/_-]+$/)],
  aws_sqs_queue: [name(80)],
  aws_sns_topic: [name(256), bytes('policy', 30 << 10)],
  aws_sns_topic_policy: [bytes('policy', 30 << 10)],
  aws_cloudwatch_event_bus: [name(256, /^[/.\-_A-Za-z0-9]+$/)],
  aws_cloudwatch_event_bus_policy: [bytes('policy', 10 << 10)],
  aws_cloudwatch_event_rule: [
    name(64, /^[.\-_A-Za-z0-9]+$/),
    description(512),
    { attribute: 'event_pattern', most: 4096 },
  ],
  aws_cloudwatch_log_group: [name(512, /^[.\-_/#A-Za-z0-9]+$/)],
  aws_cloudwatch_metric_alarm: [
    { attribute: 'alarm_name', most: 255 },
    { attribute: 'alarm_description', most: 1024 },
  ],
  aws_scheduler_schedule: [name(64, /^[0-9a-zA-Z\-_.]+$/), description(512)],
  aws_scheduler_schedule_group: [name(64, /^[0-9a-zA-Z\-_.]+$/)],
  aws_sfn_state_machine: [name(80), bytes('definition', 1 << 20)],
  aws_ssm_document: [name(128, /^[a-zA-Z0-9_\-.]{3,}$/), bytes('content', 64 << 10)],
  aws_codebuild_project: [name(255, /^[A-Za-z0-9][A-Za-z0-9\-_]+$/), description(255)],
  aws_launch_template: [
    name(128, /^[a-zA-Z0-9().\-/_]{3,}$/),
    description(255),
    { attribute: 'user_data', most: 16 << 10, measure: decoded },
  ],
  aws_autoscaling_group: [name(255)],
  aws_security_group: [name(255, inSecurityGroups), description(255, inSecurityGroups)],
  aws_vpc_security_group_egress_rule: [description(255, inSecurityGroups)],
  aws_vpc_security_group_ingress_rule: [description(255, inSecurityGroups)],
  aws_dynamodb_table: [name(255, /^[a-zA-Z0-9_.-]{3,}$/)],
  aws_efs_file_system_policy: [bytes('policy', 20_000)],
};

/** Values of tags as all services take them: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const inTags = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Of those where everything here can be deployed. */
const longestRegion = 'ap-southeast-2';

/** @param spare how much longer the deployment's name may be than this one's */
export function checkQuotas({ address, type, values }: Resource, spare = 0): string[] {
  const problems: string[] = [];
  for (const { attribute, most, like, measure } of limits[type] ?? []) {
    const value = values[attribute];
    if (typeof value !== 'string') continue;
    // All names are made of the deployment's, and those of buckets of the region's as well.
    const named = attribute === 'bucket' ? value.replace(/us-east-1$/, longestRegion) : value;
    const length = measure ? measure(value) : named.length + (/name$|^bucket$/.test(attribute) ? spare : 0);
    if (length > most) problems.push(`${address}: ${attribute} can be ${length} long, of at most ${most}`);
    if (like && !like.test(value)) problems.push(`${address}: ${attribute} cannot be ${JSON.stringify(value)}`);
  }
  return [
    ...problems,
    ...problemsOfTags(values, type).map((problem) => `${address}: ${problem}`),
    ...ofEnvironment(address, type, values),
  ];
}

function problemsOfTags({ tags_all: all, tags }: Record<string, unknown>, type: string): string[] {
  const pairs = Object.entries((all ?? tags ?? {}) as Record<string, unknown>);
  const most = type === 'aws_s3_object' ? 10 : 50;
  return [
    ...(pairs.length > most ? [`${pairs.length} tags, of at most ${most}`] : []),
    ...pairs
      .filter(
        ([key, value]) => key.length > 128 || String(value).length > 256 || !inTags.test(`${key}${String(value)}`),
      )
      .map(([key]) => `the tag ${JSON.stringify(key)} has a key or value that AWS does not take`),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 4 KB in all. */
function ofEnvironment(address: string, type: string, { environment }: Record<string, unknown>): string[] {
  if (type !== 'aws_lambda_function') return [];
  const size = Buffer.byteLength(JSON.stringify(environment ?? []));
  return size > 4096 ? [`${address}: the environment has ${size} bytes, of at most 4096`] : [];
}
