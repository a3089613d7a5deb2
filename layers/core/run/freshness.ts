import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';

/**
 * When the last execution of a state machine that ended well began; undefined where there was none. An execution
 * ends well only when its run was complete. Step Functions forgets executions after 90 days.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export async function lastCompleteRun(stateMachine: string): Promise<Date | undefined> {
  const { ListExecutionsCommand, SFNClient } = await import('@aws-sdk/client-sfn');
  const client = new SFNClient(awsConfig());
  try {
    const { executions } = await client.send(
      // The newest come first.
      new ListExecutionsCommand({ stateMachineArn: stateMachine, statusFilter: 'SUCCEEDED', maxResults: 1 }),
    );
    return executions?.[0]?.startDate;
  } catch (error) {
    throw awsError(error, `the executions of ${stateMachine} cannot be listed`);
  } finally {
    client.destroy();
  }
}
