import type { Message, StartAnswer } from '#core/filesystems/messages.ts';
import type { BusEvent } from './events.ts';
import { finished, launchFailed, launching, terminated, terminating } from './instances.ts';
import { janitor } from './janitor.ts';
import { follow } from './shut-down.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import type { World } from './world.ts';

/** Does what a message or an event asks for. Each may come twice, late, out of order or never. */
export async function dispatch(world: World, event: Message | BusEvent): Promise<StartAnswer | undefined> {
  if (!('action' in event)) {
    await onBus(world, event);
    return undefined;
  }
  switch (event.action) {
    case 'start':
      return start(world, event);
    case 'stop':
      await stop(world, event.id);
      return undefined;
    case 'follow':
      await follow(world, event.id, event.attempt + 1);
      return undefined;
    case 'janitor':
      await janitor(world);
      return undefined;
  }
}

async function onBus(world: World, event: BusEvent): Promise<void> {
  if (event['detail-type'] === 'EFS Task Finished') {
    await finished(world, event.detail);
    return;
  }
  const { time, detail } = event;
  const settings = world.fileSystems.find(({ group }) => group === detail.AutoScalingGroupName);
  if (!settings) {
    world.log('warn', 'an event of a group that is not in the settings', { group: detail.AutoScalingGroupName });
    return;
  }
  switch (event['detail-type']) {
    case 'EC2 Instance-launch Lifecycle Action':
      return launching(world, settings, event.detail.EC2InstanceId);
    case 'EC2 Instance-terminate Lifecycle Action':
      return terminating(world, settings, event.detail.EC2InstanceId);
    case 'EC2 Instance Terminate Successful':
      return terminated(world, settings, { instance: event.detail.EC2InstanceId, time });
    case 'EC2 Instance Terminate Unsuccessful': {
      const { EC2InstanceId: instance, StatusMessage: problem = 'no reason given' } = event.detail;
      return terminated(world, settings, { instance, time, problem });
    }
    case 'EC2 Instance Launch Unsuccessful': {
      const { EC2InstanceId: instance, StatusMessage: problem = 'no reason given' } = event.detail;
      return launchFailed(world, settings, { instance, time, problem });
    }
  }
}
