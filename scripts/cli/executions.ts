import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/** The state of an execution, as far as a follower needs it. */
export interface ExecutionState {
  status: string;
  /** What it answered, or the cause of its failure. */
  said: string;
  items: { total: number; done: number } | undefined;
}

/** Starts executions of a deployed state machine and looks at them. */
export class Executions {
  readonly #client = new SFNClient(awsConfig());

  /** @throws {HoldfastError} NotFound */
  async find(name: string): Promise<string> {
    return this.#ask(`the state machine ${name}`, async () => {
      for await (const page of paginateListStateMachines({ client: this.#client }, {})) {
        const found = (page.stateMachines ?? []).find((machine) => machine.name === name)?.stateMachineArn;
        if (found !== undefined) return found;
      }
      throw new HoldfastError('NotFound', `there is no state machine ${name} in this account and region`, {
        advice: 'Check AWS_PROFILE and AWS_REGION, and name the deployment by --deployment.',
      });
    });
  }

  async start(stateMachine: string, source: string): Promise<string> {
    return this.#ask('the start', async () => {
      const input = JSON.stringify({ source });
      const { executionArn } = await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: stateMachine, input }),
      );
      if (executionArn === undefined)
        throw new HoldfastError('ProtocolViolation', 'Step Functions did not name the execution');
      return executionArn;
    });
  }

  async look(execution: string): Promise<ExecutionState> {
    return this.#ask('the execution', async () => {
      const { status, output, error, cause } = await this.#client.send(
        new DescribeExecutionCommand({ executionArn: execution }),
      );
      const failed = [error, cause].filter((text) => text !== undefined).join(': ');
      return { status: status ?? 'UNKNOWN', said: output ?? failed, items: await this.#items(execution) };
    });
  }

  close(): void {
    this.#client.destroy();
  }

  async #items(execution: string): Promise<ExecutionState['items']> {
    const { mapRuns } = await this.#client.send(new ListMapRunsCommand({ executionArn: execution }));
    const mapRunArn = mapRuns?.[0]?.mapRunArn;
    if (mapRunArn === undefined) return undefined;
    const { itemCounts } = await this.#client.send(new DescribeMapRunCommand({ mapRunArn }));
    if (!itemCounts) return undefined;
    const { total = 0, succeeded = 0, failed = 0, aborted = 0, timedOut = 0 } = itemCounts;
    return { total, done: succeeded + failed + aborted + timedOut };
  }

  async #ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw awsError(error, what);
    }
  }
}

/** The page of an execution in the AWS console, in whatever partition it is. */
export function consoleLink(execution: string): string {
  const [, partition, , region] = execution.split(':');
  const hosts: Record<string, string> = {
    'aws-cn': 'console.amazonaws.cn',
    'aws-us-gov': 'console.amazonaws-us-gov.com',
  };
  const host = hosts[partition ?? ''] ?? 'console.aws.amazon.com';
  return `https://${host}/states/home?region=${region ?? ''}#/v2/executions/details/${execution}`;
}
