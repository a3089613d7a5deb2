import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateScheduleCommand, DeleteScheduleCommand } from '@aws-sdk/client-scheduler';
import type { Schedules } from '../world.ts';
import { ask, isNamed } from './ask.ts';

export interface ScheduleTarget {
  group: string;
  /** The function that gets the message, and the role by which it is invoked. */
  functionArn: string;
  roleArn: string;
}

export function openSchedules(client: SchedulerClient, { group, functionArn, roleArn }: ScheduleTarget): Schedules {
  return {
    create: (name, time, message) =>
      ask(`the schedule ${name}`, async () => {
        try {
          await client.send(
            new CreateScheduleCommand({
              Name: name,
              GroupName: group,
              ScheduleExpression: `at(${time.toISOString().slice(0, 19)})`,
              ScheduleExpressionTimezone: 'UTC',
              FlexibleTimeWindow: { Mode: 'OFF' },
              ActionAfterCompletion: 'DELETE',
              Target: { Arn: functionArn, RoleArn: roleArn, Input: JSON.stringify(message) },
            }),
          );
        } catch (error) {
          if (!isNamed(error, 'ConflictException')) throw error;
        }
      }),
    remove: (name) =>
      ask(`the schedule ${name}`, async () => {
        try {
          await client.send(new DeleteScheduleCommand({ Name: name, GroupName: group }));
        } catch (error) {
          if (!isNamed(error, 'ResourceNotFoundException')) throw error;
        }
      }),
  };
}
