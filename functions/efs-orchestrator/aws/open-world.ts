import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EFSClient } from '@aws-sdk/client-efs';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readResult } from '#core/filesystems/results.ts';
import { parseFileSystems } from '#core/filesystems/settings.ts';
import { openTable } from '#core/filesystems/table.ts';
import { taskPrefix } from '#core/filesystems/task.ts';
import { beat, deliver } from '#core/notifications/deliver.ts';
import { deployedAddresses, logUndelivered } from '#core/notifications/deployed.ts';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import type { Invocation } from '#core/runtime/lambda-function.ts';
import { publish } from '#core/runtime/notify.ts';
import type { World } from '../world.ts';
import { openCommands } from './commands.ts';
import { openGroups } from './groups.ts';
import { openSchedules } from './schedules.ts';
import { openStorage } from './storage.ts';

/** AWS as a deployment's environment names it, until it is closed. */
export async function openWorld({
  logger,
  metrics,
}: Pick<Invocation, 'logger' | 'metrics'>): Promise<{ world: World; close: () => void }> {
  const settings = readConfiguration([
    'HOLDFAST_EFS_TABLE',
    'HOLDFAST_EFS_LOGS',
    'HOLDFAST_EFS_FILE_SYSTEMS',
    'HOLDFAST_TOPIC',
    'HOLDFAST_NOTIFY_SUCCESS',
    'HOLDFAST_SCHEDULER_ROLE',
    'HOLDFAST_SCHEDULE_GROUP',
    'HOLDFAST_FUNCTION_ARN',
    'HOLDFAST_EFS_STOP_DOCUMENT',
  ]);
  const logs = settings.HOLDFAST_EFS_LOGS;
  const table = await openTable(settings.HOLDFAST_EFS_TABLE);
  const autoScaling = new AutoScalingClient(awsConfig());
  const ssm = new SSMClient(awsConfig());
  const efs = new EFSClient(awsConfig());
  const cloudWatch = new CloudWatchClient(awsConfig());
  const scheduler = new SchedulerClient(awsConfig());
  const world: World = {
    fileSystems: parseFileSystems(settings.HOLDFAST_EFS_FILE_SYSTEMS),
    table,
    groups: openGroups(autoScaling),
    commands: openCommands(ssm, settings.HOLDFAST_EFS_STOP_DOCUMENT),
    storage: openStorage(efs, cloudWatch),
    schedules: openSchedules(scheduler, {
      group: settings.HOLDFAST_SCHEDULE_GROUP,
      functionArn: settings.HOLDFAST_FUNCTION_ARN,
      roleArn: settings.HOLDFAST_SCHEDULER_ROLE,
    }),
    results: {
      read: (record) => readResult(logs, record),
      place: ({ Group, BackupId }) => `s3://${logs}/${taskPrefix(Group, BackupId)}`,
    },
    publish: async (notice) => {
      await publish(settings.HOLDFAST_TOPIC, notice);
      const { addresses, warnings } = await deployedAddresses('efs');
      logUndelivered(logger, [...warnings, ...(await deliver(notice, addresses))]);
    },
    beat: async (well) => {
      const { addresses, warnings } = await deployedAddresses('efs');
      logUndelivered(logger, [...warnings, ...(await beat(addresses, { of: 'run', well }))]);
    },
    notifySuccess: settings.HOLDFAST_NOTIFY_SUCCESS,
    measure: (fileSystem, measured) => {
      metrics.addDimension('fileSystem', fileSystem);
      for (const [name, { unit, value }] of Object.entries(measured)) metrics.addMetric(name, MetricUnit[unit], value);
      // The next may be of another file system.
      metrics.publishStoredMetrics();
    },
    log: (level, message, about) => logger[level](message, about),
    now: () => new Date(),
  };
  const close = (): void => {
    table.close();
    for (const client of [autoScaling, ssm, efs, cloudWatch, scheduler]) client.destroy();
  };
  return { world, close };
}
