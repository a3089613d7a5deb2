import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import type { EFSClient } from '@aws-sdk/client-efs';
import { paginateDescribeMountTargets, DescribeFileSystemsCommand } from '@aws-sdk/client-efs';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Storage } from '../world.ts';
import { ask } from './ask.ts';

/** EFS sends its metrics every minute; some come late. In milliseconds. */
const lookBackMs = 30 * 60_000;

export function openStorage(efs: EFSClient, cloudWatch: CloudWatchClient): Storage {
  return {
    look: (fileSystem) =>
      ask(`the file system ${fileSystem}`, async () => {
        const { FileSystems } = await efs.send(new DescribeFileSystemsCommand({ FileSystemId: fileSystem }));
        const found = FileSystems?.[0];
        if (!found) throw new HoldfastError('SourceMissing', `there is no file system ${fileSystem}`);
        return {
          state: found.LifeCycleState ?? 'unknown',
          bytes: found.SizeInBytes?.Value,
          performanceMode: found.PerformanceMode,
          throughputMode: found.ThroughputMode,
        };
      }),
    mountTargets: (fileSystem) =>
      ask(`the mount targets of ${fileSystem}`, async () => {
        const targets: { zone: string; state: string }[] = [];
        for await (const { MountTargets } of paginateDescribeMountTargets(
          { client: efs },
          { FileSystemId: fileSystem },
        ))
          for (const { AvailabilityZoneName = '', LifeCycleState = 'unknown' } of MountTargets ?? [])
            targets.push({ zone: AvailabilityZoneName, state: LifeCycleState });
        return targets;
      }),
    metric: (fileSystem, name) =>
      ask(`the metric ${name} of ${fileSystem}`, async () => {
        const now = Date.now();
        const { Datapoints = [] } = await cloudWatch.send(
          new GetMetricStatisticsCommand({
            Namespace: 'AWS/EFS',
            MetricName: name,
            Dimensions: [{ Name: 'FileSystemId', Value: fileSystem }],
            StartTime: new Date(now - lookBackMs),
            EndTime: new Date(now),
            Period: 60,
            Statistics: ['Average'],
          }),
        );
        const [newest] = Datapoints.sort((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0));
        return newest?.Average;
      }),
  };
}
