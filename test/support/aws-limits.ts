/**
 * What AWS takes of values that are no names or texts: numbers, expressions, and how they fit together. The stand-in
 * takes anything. Each rule has its source beside it; what it finds is one line for each problem.
 */
import * as v from 'valibot';
import type { Resource } from './aws-policies/rendered.ts';
import { parsePolicy, type Statement } from './aws-policies/document.ts';

type Rule = (values: Record<string, unknown>) => string[];

const within =
  (attribute: string, least: number, most: number): Rule =>
  ({ [attribute]: value }) =>
    typeof value === 'number' && (value < least || value > most)
      ? [`${attribute} is ${value}, and must be ${least} to ${most}`]
      : [];

/** The provider's state has 0 for a number that was not set, where a plan has nothing. */
const whereSet =
  (attribute: string, rule: Rule): Rule =>
  (values) =>
    values[attribute] === 0 ? [] : rule(values);

const oneOf =
  (attribute: string, ...allowed: readonly unknown[]): Rule =>
  ({ [attribute]: value }) =>
    value === undefined || value === null || allowed.includes(value)
      ? []
      : [`${attribute} is ${JSON.stringify(value)}, and must be of ${allowed.join(', ')}`];

/** A block of which there is at most one, as Terraform shows it: a list. */
const block =
  (name: string, ...rules: Rule[]): Rule =>
  ({ [name]: blocks }) =>
    v
      .parse(v.optional(v.nullable(v.array(v.record(v.string(), v.unknown())))), blocks ?? undefined)
      ?.flatMap((one) => rules.flatMap((rule) => rule(one)).map((problem) => `${name}: ${problem}`)) ?? [];

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentionDays = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reserved =
  /^(AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_\w+|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

const replicationSchema = v.array(
  v.object({ destination: v.array(v.object({ metrics: v.optional(v.array(v.object({ status: v.string() }))) })) }),
);

const rules: Record<string, Rule[]> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  aws_lambda_function: [
    within('timeout', 1, 900),
    within('memory_size', 128, 10_240),
    block('ephemeral_storage', within('size', 512, 10_240)),
    ({ environment }) =>
      namesIn(environment)
        .filter((name) => !/^[A-Za-z][A-Za-z0-9_]+$/.test(name) || reserved.test(name))
        .map((name) => `the environment cannot have ${name}`),
  ],
  // https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
  aws_lambda_event_source_mapping: [
    within('batch_size', 1, 10_000),
    within('maximum_batching_window_in_seconds', 0, 300),
    block('scaling_config', within('maximum_concurrency', 2, 1000)),
    ({ batch_size: size, maximum_batching_window_in_seconds: window }) =>
      Number(size) > 10 && Number(window ?? 0) < 1 ? ['batches of more than 10 need a window of a second'] : [],
  ],
  aws_cloudwatch_log_group: [oneOf('retention_in_days', ...retentionDays)],
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
  aws_sqs_queue: [within('message_retention_seconds', 60, 1_209_600), within('visibility_timeout_seconds', 0, 43_200)],
  // https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
  aws_kms_key: [within('deletion_window_in_days', 7, 30)],
  // https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
  aws_codebuild_project: [
    within('build_timeout', 5, 2160),
    within('queued_timeout', 5, 480),
    whereSet('concurrent_build_limit', within('concurrent_build_limit', 1, Infinity)),
  ],
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  aws_cloudwatch_metric_alarm: [
    ({ period, evaluation_periods: periods }) => {
      if (typeof period !== 'number') return [];
      const problems = [10, 20, 30].includes(period) || period % 60 === 0 ? [] : [`period cannot be ${period}`];
      return period * Number(periods) > 604_800 ? [...problems, 'it looks back for more than a week'] : problems;
    },
    ({ metric_query: queries }) =>
      v
        .parse(v.optional(v.nullable(v.array(v.object({ id: v.string() })))), queries ?? undefined)
        ?.filter(({ id }) => !/^[a-z][A-Za-z0-9_]*$/.test(id))
        .map(({ id }) => `a query cannot be called ${id}`) ?? [],
  ],
  // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
  aws_scheduler_schedule: [
    ({ schedule_expression: text }) => (typeof text === 'string' ? checkSchedule(text) : []),
    block('flexible_time_window', whereSet('maximum_window_in_minutes', within('maximum_window_in_minutes', 1, 1440))),
    block(
      'target',
      block(
        'retry_policy',
        within('maximum_event_age_in_seconds', 60, 86_400),
        within('maximum_retry_attempts', 0, 185),
      ),
    ),
  ],
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
  aws_autoscaling_lifecycle_hook: [within('heartbeat_timeout', 30, 7200)],
  aws_sfn_state_machine: [
    ({ logging_configuration: logging }) =>
      v
        .parse(v.optional(v.array(v.object({ log_destination: v.optional(v.nullable(v.string())) }))), logging)
        ?.flatMap(({ log_destination: group }) =>
          group && !group.endsWith(':*') ? [`it cannot log to ${group}`] : [],
        ) ?? [],
    ({ definition }) => (typeof definition === 'string' ? checkMachine(JSON.parse(definition)) : []),
  ],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-set-lifecycle-configuration-intro.html
  aws_s3_bucket_lifecycle_configuration: [
    ({ rule }) => {
      const ids = v.parse(v.array(v.object({ id: v.string() })), rule).map(({ id }) => id);
      const long = ids.filter((id) => id.length > 255).map((id) => `the rule ${id} has too long a name`);
      return new Set(ids).size === ids.length ? long : [...long, 'two rules have one name'];
    },
  ],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
  aws_s3_bucket_replication_configuration: [
    ({ rule }) =>
      v
        .parse(replicationSchema, rule)
        .flatMap(({ destination }) => destination.flatMap(({ metrics }) => metrics ?? [{ status: 'Disabled' }]))
        .filter(({ status }) => status !== 'Enabled')
        .map(() => 'without metrics no alarm hears of copies that fail'),
  ],
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  aws_sns_topic: [
    ({ kms_master_key_id: key }) =>
      key === 'alias/aws/sns' ? ["alarms and rules cannot use the key that is AWS's own"] : [],
  ],
  aws_sns_topic_policy: [
    ({ policy }) =>
      conditionsOfRules(policy).map(
        (key) => `EventBridge takes no condition in a topic's policy, so that with ${key} it delivers nothing`,
      ),
  ],
};

/** What AWS would refuse, or never heed, of a resource. */
export function checkLimits({ address, type, values }: Resource): string[] {
  const problems = (rules[type] ?? []).flatMap((rule) => rule(values));
  // A key can be that of a topic, of which EventBridge does not say for whom it asks.
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
  if (type === 'aws_kms_key')
    problems.push(
      ...conditionsOfRules(values['policy']).map(
        (key) => `EventBridge asks for keys without ${key}, so that it gets none`,
      ),
    );
  return problems.map((problem) => `${address}: ${problem}`);
}

/** The condition keys under which EventBridge is let in. */
function conditionsOfRules(policy: unknown): string[] {
  if (typeof policy !== 'string' || !policy.startsWith('{')) return [];
  return parsePolicy(policy)
    .Statement.filter(isForRules)
    .flatMap(({ Condition }) => Object.values(Condition).flatMap((tests) => Object.keys(tests)));
}

function isForRules({ Effect, Principal }: Statement): boolean {
  return (
    Effect === 'Allow' && typeof Principal === 'object' && (Principal['Service'] ?? []).includes('events.amazonaws.com')
  );
}

function namesIn(environment: unknown): string[] {
  const schema = v.optional(
    v.nullable(v.array(v.object({ variables: v.optional(v.nullable(v.record(v.string(), v.unknown()))) }))),
  );
  return v.parse(schema, environment ?? undefined)?.flatMap(({ variables }) => Object.keys(variables ?? {})) ?? [];
}

const months = '(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';
const days = '(SUN|MON|TUE|WED|THU|FRI|SAT)';
/** A list of values, ranges and steps. */
const list = (value: string): RegExp =>
  new RegExp(`^(\\*|${value}(-${value})?)(/\\d+)?(,${value}(-${value})?(/\\d+)?)*$`);

const cronFields: [name: string, like: RegExp][] = [
  ['minutes', list('[0-5]?\\d')],
  ['hours', list('([01]?\\d|2[0-3])')],
  ['day of the month', new RegExp(`^\\?$|^L(-\\d+)?$|^LW$|^\\d+W$|${list('([12]?\\d|3[01])').source}`)],
  ['month', list(`(\\d|1[0-2]|${months})`)],
  ['day of the week', new RegExp(`^\\?$|^([1-7]|${days})(L|#[1-5])$|^L$|${list(`([1-7]|${days})`).source}`)],
  ['year', list('(19[7-9]\\d|2[01]\\d\\d)')],
];

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
export function checkSchedule(text: string): string[] {
  if (/^rate\([1-9]\d* (minute|hour|day)s?\)$/.test(text)) return [];
  if (/^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(text)) return [];
  const fields = /^cron\((.*)\)$/.exec(text)?.[1]?.split(' ') ?? [];
  if (fields.length !== cronFields.length) return [`${text} is not a schedule`];
  const wrong = cronFields.filter(([, like], index) => !like.test(fields[index] ?? '')).map(([name]) => name);
  if (wrong.length > 0) return [`${text} has no valid ${wrong.join(' and ')}`];
  return (fields[2] === '?') === (fields[4] === '?')
    ? [`${text} must have ? as either the day of the month or that of the week`]
    : [];
}

const retrySchema = v.object({
  ErrorEquals: v.pipe(v.array(v.string()), v.minLength(1)),
  IntervalSeconds: v.optional(v.number(), 1),
  MaxAttempts: v.optional(v.number(), 3),
  BackoffRate: v.optional(v.number(), 2),
  MaxDelaySeconds: v.optional(v.number()),
  JitterStrategy: v.optional(v.picklist(['FULL', 'NONE'])),
});

/**
 * What the schema of Amazon States Language does not say.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
function checkMachine(part: unknown, at = ''): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const problems: string[] = [];
  for (const [name, value] of Object.entries(part)) {
    const place = at === '' ? name : `${at}.${name}`;
    if (name === 'Retry') problems.push(...checkRetries(value).map((problem) => `${place}: ${problem}`));
    if (name === 'Label' && (typeof value !== 'string' || !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"]{1,40}$/.test(value)))
      problems.push(`${place} cannot be ${JSON.stringify(value)}`);
    if (name === 'TimeoutSeconds' && (typeof value !== 'number' || value < 1 || value > 99_999_999))
      problems.push(`${place} cannot be ${JSON.stringify(value)}`);
    problems.push(...checkMachine(value, place));
  }
  return problems;
}

/** Errors of a function that lost its network; where one is tried again, all are. */
const withoutNetwork = [
  'Lambda.ResourceNotReadyException',
  'Lambda.EC2ThrottledException',
  'Lambda.EC2UnexpectedException',
  'Lambda.ENILimitReachedException',
  'Lambda.SubnetIPAddressLimitReachedException',
];

function checkRetries(value: unknown): string[] {
  const retries = v.parse(v.array(retrySchema), value);
  const problems = retries.flatMap(({ ErrorEquals, IntervalSeconds, MaxDelaySeconds, BackoffRate }, index) => [
    ...(MaxDelaySeconds !== undefined && MaxDelaySeconds <= IntervalSeconds
      ? ['MaxDelaySeconds must be more than IntervalSeconds']
      : []),
    ...(BackoffRate < 1 ? ['BackoffRate must be at least 1'] : []),
    ...(ErrorEquals.includes('States.ALL') && (ErrorEquals.length > 1 || index < retries.length - 1)
      ? ['States.ALL must be alone, and last']
      : []),
  ]);
  const errors = retries.flatMap(({ ErrorEquals }) => ErrorEquals);
  const untried = withoutNetwork.filter((error) => !errors.includes(error));
  // Where the functions of a machine are invoked.
  if (errors.includes('Lambda.TooManyRequestsException') && untried.length > 0)
    problems.push(`a function that was idle for weeks fails by ${untried.join(', ')}`);
  return problems;
}
