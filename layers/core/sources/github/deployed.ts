import { readConfiguration } from '#core/runtime/configuration.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import { defaultRequestsPerMinute, GitHubSource } from './github-source.ts';
import { gitHubAddresses } from './addresses.ts';
import { secretCredential } from './credential.ts';
import { parseGitHubSecret } from './secret.ts';
import type { DeployedRequest, DeployedSource } from '../deployed.ts';
import { checkPlace } from '../hosting/secret-place.ts';

/**
 * GitHub as the secret of a deployment describes it at this moment, so that a new value of the secret counts from the
 * next run on. The bucket that the secret names, and the prefix if it names one, must be those that the deployment grants.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export async function openDeployedGitHub({
  env,
  signal,
  readSecret = secretsManager(),
  ...request
}: DeployedRequest): Promise<DeployedSource<GitHubSource>> {
  const {
    HOLDFAST_SECRET: name,
    HOLDFAST_BUCKET: bucket,
    HOLDFAST_PREFIX: prefix,
  } = readConfiguration(['HOLDFAST_SECRET', 'HOLDFAST_BUCKET', 'HOLDFAST_PREFIX'], env);
  const secret = parseGitHubSecret(await readSecret(name), name);
  checkPlace(secret.vault, { bucket, prefix }, name, 'github.prefix');
  const http = new HttpClient({ signal });
  const requestsPerMinute = request.requestsPerMinute ?? secret.requestsPerMinute ?? defaultRequestsPerMinute;
  const source = new GitHubSource({
    http,
    ...secretCredential(name, readSecret, secret, {
      http,
      addresses: gitHubAddresses(secret.apiUrl),
      owner: secret.settings.owner,
      signal,
    }),
    settings: secret.settings,
    apiUrl: secret.apiUrl,
    requestsPerMinute,
    signal,
  });
  const refs = { include: [], exclude: secret.refsExclude };
  return {
    source,
    vault: `s3://${bucket}/${prefix}`,
    options: {
      ...(secret.format === undefined ? {} : { format: secret.format }),
      ...(secret.lfsLimit === undefined ? {} : { lfsLimit: secret.lfsLimit }),
      refs,
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
