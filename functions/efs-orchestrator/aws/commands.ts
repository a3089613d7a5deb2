import type { SSMClient } from '@aws-sdk/client-ssm';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Commands, CommandState } from '../world.ts';
import { ask, isNamed } from './ask.ts';

/** How long the agent on an instance may be silent before the command counts as lost, in seconds. */
const deliverySeconds = 120;

/**
 * @param document the document of Systems Manager that holds the one command: it sends the program SIGTERM, and waits
 * until that has stored its result. It takes no parameters, so those who may send it can do nothing else with it.
 */
export function openCommands(client: SSMClient, document: string): Commands {
  return {
    shutDown: (instance) =>
      ask(`the command for ${instance}`, async () => {
        try {
          const { Command } = await client.send(
            new SendCommandCommand({
              DocumentName: document,
              InstanceIds: [instance],
              TimeoutSeconds: deliverySeconds,
              Comment: 'Holdfast stops its program gracefully',
            }),
          );
          if (Command?.CommandId !== undefined) return Command.CommandId;
        } catch (error) {
          if (!isNamed(error, 'InvalidInstanceId')) throw error;
          throw new HoldfastError('Unavailable', `the Systems Manager agent on ${instance} does not respond`, {
            cause: error,
          });
        }
        throw new HoldfastError('ProtocolViolation', 'Systems Manager did not name the command');
      }),
    look: (command, instance) =>
      ask(`the command ${command}`, async () => {
        try {
          const { Status = '', StatusDetails = Status } = await client.send(
            new GetCommandInvocationCommand({ CommandId: command, InstanceId: instance }),
          );
          return { state: stateOf(Status), said: StatusDetails };
        } catch (error) {
          // Shortly after it was sent it may not be known yet.
          if (isNamed(error, 'InvocationDoesNotExist')) return { state: 'running', said: 'not known yet' };
          throw error;
        }
      }),
  };
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
function stateOf(status: string): CommandState['state'] {
  if (['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(status)) return 'running';
  return status === 'Success' ? 'done' : 'failed';
}
