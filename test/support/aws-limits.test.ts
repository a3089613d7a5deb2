import { expect } from 'chai';
import { checkLimits, checkSchedule } from './aws-limits.ts';

describe('the check of what fits together at AWS', () => {
  const problemsOf = (type: string, values: Record<string, unknown>): string[] =>
    checkLimits({ address: 'it', type, values });
  const machine = (...retries: object[]): Record<string, unknown> => ({
    definition: JSON.stringify({ States: { A: { Type: 'Task', Retry: retries } } }),
  });
  const lets = (Service: string, Condition?: object): string =>
    JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sns:Publish', Resource: '*', Condition }],
    });
  const ofAccount = { StringEquals: { 'aws:SourceAccount': '123456789012' } };

  for (const [what, type, values] of [
    ['a function of 16 minutes', 'aws_lambda_function', { timeout: 960 }],
    ['too small a disk of a function', 'aws_lambda_function', { ephemeral_storage: [{ size: 256 }] }],
    ['a variable that is Lambda’s own', 'aws_lambda_function', { environment: [{ variables: { AWS_REGION: 'x' } }] }],
    ['a log that is kept for 100 days', 'aws_cloudwatch_log_group', { retention_in_days: 100 }],
    ['large batches without a window', 'aws_lambda_event_source_mapping', { batch_size: 100 }],
    ['one event at a time', 'aws_lambda_event_source_mapping', { scaling_config: [{ maximum_concurrency: 1 }] }],
    ['messages that stay for a month', 'aws_sqs_queue', { message_retention_seconds: 30 * 86_400 }],
    ['a build that waits for a day', 'aws_codebuild_project', { queued_timeout: 1440 }],
    ['an alarm every 90 seconds', 'aws_cloudwatch_metric_alarm', { period: 90, evaluation_periods: 1 }],
    ['a query with a capital', 'aws_cloudwatch_metric_alarm', { metric_query: [{ id: 'Failed' }] }],
    ['a window of two days', 'aws_scheduler_schedule', { flexible_time_window: [{ maximum_window_in_minutes: 2880 }] }],
    [
      'too many tries of a schedule',
      'aws_scheduler_schedule',
      { target: [{ retry_policy: [{ maximum_event_age_in_seconds: 60, maximum_retry_attempts: 200 }] }] },
    ],
    ['a hook of three hours', 'aws_autoscaling_lifecycle_hook', { heartbeat_timeout: 10_800 }],
    [
      'a log group without its streams',
      'aws_sfn_state_machine',
      { logging_configuration: [{ log_destination: 'arn:x' }] },
    ],
    [
      'waits that end before they begin',
      'aws_sfn_state_machine',
      machine({ ErrorEquals: ['A'], IntervalSeconds: 30, MaxDelaySeconds: 30 }),
    ],
    [
      'an error for all that is not the last',
      'aws_sfn_state_machine',
      machine({ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }),
    ],
    [
      'functions whose network is not waited for',
      'aws_sfn_state_machine',
      machine({ ErrorEquals: ['Lambda.TooManyRequestsException'] }),
    ],
    ['two rules of one name', 'aws_s3_bucket_lifecycle_configuration', { rule: [{ id: 'a' }, { id: 'a' }] }],
    ['replication that nothing watches', 'aws_s3_bucket_replication_configuration', { rule: [{ destination: [{}] }] }],
    ["a topic by AWS's own key", 'aws_sns_topic', { kms_master_key_id: 'alias/aws/sns' }],
    [
      'rules that may publish under a condition',
      'aws_sns_topic_policy',
      { policy: lets('events.amazonaws.com', ofAccount) },
    ],
    ['rules that get a key under a condition', 'aws_kms_key', { policy: lets('events.amazonaws.com', ofAccount) }],
  ] as const)
    it(`finds ${what}`, () => {
      expect(problemsOf(type, values)).to.have.length(1);
    });

  it('finds nothing where all is well', () => {
    expect(problemsOf('aws_sns_topic_policy', { policy: lets('events.amazonaws.com') })).to.deep.equal([]);
    expect(problemsOf('aws_sns_topic_policy', { policy: lets('cloudwatch.amazonaws.com', ofAccount) })).to.deep.equal(
      [],
    );
    expect(
      problemsOf('aws_lambda_function', { timeout: 900, environment: [{ variables: { AWS_MAX_ATTEMPTS: '5' } }] }),
    ).to.deep.equal([]);
  });

  for (const text of [
    'cron(0 2 * * ? *)',
    'cron(0 12 ? * SUN *)',
    'cron(15/5 8-18 ? JAN-MAR,12 2#1 2026-2030)',
    'cron(0 0 L * ? *)',
    'cron(0 0 1,15 * ? *)',
    'rate(12 hours)',
    'at(2030-01-01T00:00:00)',
  ])
    it(`takes ${text}`, () => {
      expect(checkSchedule(text)).to.deep.equal([]);
    });

  for (const text of [
    'cron(0 2 * * * *)',
    'cron(0 2 ? * ? *)',
    'cron(0 2 1 * MON *)',
    'cron(0 24 * * ? *)',
    'cron(60 2 * * ? *)',
    'cron(0 2 * 13 ? *)',
    'cron(0 2 ? * 8 *)',
    'cron(0 2 * * *)',
    'rate(0 days)',
    'every day',
  ])
    it(`does not take ${text}`, () => {
      expect(checkSchedule(text)).to.have.length(1);
    });
});
