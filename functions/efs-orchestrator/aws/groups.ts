import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import type { Groups } from '../world.ts';
import { ask } from './ask.ts';

export function openGroups(client: AutoScalingClient): Groups {
  const about = (group: string): string => `the Auto Scaling group ${group}`;
  return {
    look: (group) =>
      ask(about(group), async () => {
        const { AutoScalingGroups } = await client.send(
          new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
        );
        const found = AutoScalingGroups?.[0];
        if (!found) throw new HoldfastError('NotFound', `there is no Auto Scaling group ${group}`);
        return {
          desired: found.DesiredCapacity ?? 0,
          zones: found.AvailabilityZones ?? [],
          instances: (found.Instances ?? []).flatMap(({ InstanceId, LifecycleState = '', InstanceType }) =>
            InstanceId === undefined ? [] : [{ id: InstanceId, state: LifecycleState, type: InstanceType }],
          ),
        };
      }),
    ask: (group, instances) =>
      ask(about(group), async () => {
        await client.send(
          new SetDesiredCapacityCommand({
            AutoScalingGroupName: group,
            DesiredCapacity: instances,
            HonorCooldown: false,
          }),
        );
      }),
    complete: (group, hook, instance, answer) =>
      held(about(group), async () => {
        await client.send(
          new CompleteLifecycleActionCommand({
            AutoScalingGroupName: group,
            LifecycleHookName: hook,
            InstanceId: instance,
            LifecycleActionResult: answer,
          }),
        );
      }),
    heartbeat: (group, hook, instance) =>
      held(about(group), async () => {
        await client.send(
          new RecordLifecycleActionHeartbeatCommand({
            AutoScalingGroupName: group,
            LifecycleHookName: hook,
            InstanceId: instance,
          }),
        );
      }),
  };
}

/** Auto Scaling knows no other name for it than that of all errors: an action that is complete, or has timed out. */
async function held(what: string, question: () => Promise<void>): Promise<void> {
  await ask(what, async () => {
    try {
      await question();
    } catch (error) {
      if (!/No active Lifecycle Action found/i.test(messageOf(error))) throw error;
    }
  });
}
