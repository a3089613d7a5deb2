import { readConfiguration } from '#core/runtime/configuration.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import type { DeployedRequest, DeployedSource } from '../deployed.ts';
import type { HostDefinition } from './definition.ts';
import { HostedSource } from './hosted-source.ts';
import { parseHostSecret } from './host-secret.ts';
import { checkPlace } from './secret-place.ts';
import { defaultRequestsPerMinute } from './settings.ts';
import type { TokenProvider } from './token.ts';

/**
 * A Git host as the secret of a deployment describes it at this moment, so that a new value of the secret counts from
 * the next run on. The bucket that the secret names, and the prefix if it names one, must be those that the deployment
 * grants.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export async function openDeployedHost(
  definition: HostDefinition,
  { env, signal, readSecret = secretsManager(), ...request }: DeployedRequest,
): Promise<DeployedSource<HostedSource>> {
  const {
    HOLDFAST_SECRET: name,
    HOLDFAST_BUCKET: bucket,
    HOLDFAST_PREFIX: prefix,
  } = readConfiguration(['HOLDFAST_SECRET', 'HOLDFAST_BUCKET', 'HOLDFAST_PREFIX'], env);
  const read = async () => parseHostSecret(definition, await readSecret(name), name);
  const secret = await read();
  checkPlace(secret.vault, { bucket, prefix }, name, `git_hosts.${definition.name}.prefix`);
  const token: TokenProvider = async (refused) => (refused === undefined ? secret.token : (await read()).token);
  const http = new HttpClient({ signal });
  const requestsPerMinute = request.requestsPerMinute ?? secret.requestsPerMinute ?? defaultRequestsPerMinute;
  const { address, settings } = secret;
  const source = new HostedSource(await definition.load(), {
    http,
    address,
    token,
    settings,
    requestsPerMinute,
    signal,
  });
  return {
    source,
    vault: `s3://${bucket}/${prefix}`,
    options: {
      ...(secret.format === undefined ? {} : { format: secret.format }),
      refs: { include: [], exclude: secret.refsExclude },
    },
    requestsPerMinute,
    notifySuccess: secret.notifySuccess,
    objectives: secret.objectives,
    close: () => {
      source.close();
      http.close();
    },
  };
}
