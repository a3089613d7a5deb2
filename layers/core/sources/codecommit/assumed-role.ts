import type { CodeCommitClient, CodeCommitClientConfig } from '@aws-sdk/client-codecommit';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import type { AssumedRole } from './settings.ts';

type CredentialProvider = CodeCommitClient['config']['credentials'];

/**
 * The credentials of a role, taken with those that a client would use otherwise, and again whenever they run out. Loads
 * the providers only when they are needed: most deployments read their own account alone.
 */
export function assumedRole(
  { arn, externalId }: AssumedRole,
  region: string,
  { credentials: masterCredentials, endpoint }: CodeCommitClientConfig,
): CredentialProvider {
  let provider: Promise<CredentialProvider> | undefined;
  return async () => {
    provider ??= import('@aws-sdk/credential-providers').then(({ fromTemporaryCredentials }) =>
      fromTemporaryCredentials({
        params: {
          RoleArn: arn,
          RoleSessionName: 'holdfast',
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
        },
        clientConfig: awsConfig({ region, ...(endpoint === undefined ? {} : { endpoint }) }),
        ...(masterCredentials === undefined ? {} : { masterCredentials }),
      }),
    );
    return (await provider)();
  };
}
