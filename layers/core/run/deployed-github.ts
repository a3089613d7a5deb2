import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import type { GitHubDeployment } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import { GitHubSource } from '#core/sources/github/github-source.ts';
import { gitHubAddresses } from '#core/sources/github/addresses.ts';
import { secretCredential } from '#core/sources/github/credential.ts';
import { parseGitHubSecret } from '#core/sources/github/secret.ts';
import type { DeployedSource, DeployedSourceRequest } from './deployed-source.ts';

const defaultRequestsPerMinute = 30;

/**
 * GitHub as the secret of a deployment describes it at this moment, so that a new value of the secret counts from the
 * next run on. The bucket that the secret names, and the prefix if it names one, must be those that the deployment grants.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export async function openDeployedGitHub(
  { HOLDFAST_SECRET: name, HOLDFAST_BUCKET: bucket, HOLDFAST_PREFIX: prefix }: GitHubDeployment,
  { signal, readSecret = secretsManager(), ...request }: Omit<DeployedSourceRequest, 'deployment'>,
): Promise<DeployedSource<GitHubSource>> {
  const secret = parseGitHubSecret(await readSecret(name), name);
  if (secret.vault.bucket !== bucket)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `BACKUP_S3_BUCKET in the secret ${name} is not the bucket of this deployment`,
      {
        advice: `The deployment grants ${bucket} and no other: put that into the secret, or deploy with the other bucket.`,
      },
    );
  if (secret.vault.prefix !== '' && secret.vault.prefix !== prefix)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `BACKUP_S3_PREFIX in the secret ${name} is not the prefix of this deployment`,
      {
        advice: `The deployment grants ${prefix === '' ? 'the top of the bucket' : prefix} and no other place: set github.prefix in its Terraform variables to what the secret says, and apply.`,
      },
    );
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
    options: { ...defaultBackupOptions, format: secret.format ?? defaultBackupOptions.format, refs },
    requestsPerMinute,
    notifySuccess: secret.notifySuccess,
    close: () => {
      source.close();
      http.close();
    },
  };
}
