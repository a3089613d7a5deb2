import { union, type InferOutput } from 'valibot';
import { messageSchema } from '#core/filesystems/messages.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { openWorld } from './aws/open-world.ts';
import { checkCaller } from './check-caller.ts';
import { dispatch } from './dispatch.ts';
import { busEventSchema } from './events.ts';

const eventSchema = union([messageSchema, busEventSchema]);

/** Drives the tasks of EFS through their instances. */
export const handler = lambdaFunction({
  name: 'efs-orchestrator',
  event: eventSchema,
  ids: idsOf,
  outOfTime: new HoldfastError('Unavailable', 'the orchestrator took longer than the function may'),
  work: async (event, invocation) => {
    checkCaller(event, invocation.alias);
    const { world, close } = await openWorld(invocation);
    try {
      return await dispatch(world, event);
    } finally {
      close();
    }
  },
});

function idsOf(event: InferOutput<typeof eventSchema>): Record<string, string> {
  if ('action' in event) {
    if (event.action === 'start') return { fileSystem: event.fileSystem };
    return event.action === 'janitor' ? {} : { id: event.id };
  }
  return 'id' in event.detail ? { id: event.detail.id } : { group: event.detail.AutoScalingGroupName };
}
