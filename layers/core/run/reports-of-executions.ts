import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import type { KnownReport } from '#core/vault/chain/verify-chain.ts';

/** As many of the last runs as are asked: each costs a request. */
const runsAsked = 10;

/**
 * The reports and records that the last executions of a state machine left, runs or drills, as Step Functions remembers
 * them: out of reach of all who write the vault. So a vault that was put back to an earlier state is seen, and a newest
 * report that was replaced.
 * @param location of the vault; what was stored in other vaults is left out
 */
export async function reportsOfExecutions(stateMachine: string, location: string): Promise<KnownReport[]> {
  const { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } = await import('@aws-sdk/client-sfn');
  const client = new SFNClient(awsConfig());
  const root = `${location.replace(/\/$/, '')}/`;
  try {
    const { executions = [] } = await client.send(
      // The newest come first.
      new ListExecutionsCommand({ stateMachineArn: stateMachine, maxResults: runsAsked }),
    );
    const known: KnownReport[] = [];
    for (const { executionArn, status } of executions) {
      if (status === 'RUNNING') continue;
      const { output, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      // A run that did not go well ends by an error whose text names its report.
      const said = output ?? cause ?? '';
      const [, place] = /(s3:\/\/[^"\s\\]+\/(?:runs\/[^"\s\\]+\/report|drills\/[^"\s\\]+)\.json)/.exec(said) ?? [];
      const [, sha256] = /"root": ?"([0-9a-f]{64})"/.exec(said) ?? [];
      if (!place?.startsWith(root)) continue;
      known.push({ key: place.slice(root.length), sha256, from: `the execution ${executionArn ?? ''}` });
    }
    return known;
  } catch (error) {
    throw awsError(error, `the executions of ${stateMachine} cannot be read`);
  } finally {
    client.destroy();
  }
}
