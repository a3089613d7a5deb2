import { defaultBackupOptions, type BackupOptions } from '#core/backup/options.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { secretsManager, type SecretReader } from '#core/runtime/secrets.ts';
import { GitHubSource } from '#core/sources/github/github-source.ts';
import { parseGitHubSecret } from '#core/sources/github/secret.ts';
import { secretToken } from '#core/sources/github/secret-token.ts';

export interface DeployedGitHub {
  source: GitHubSource;
  /** `s3://bucket/prefix`. */
  vault: string;
  options: BackupOptions;
  requestsPerMinute: number;
  /** Also notify of runs that went well. */
  notifySuccess: boolean;
  close: () => void;
}

export interface DeployedGitHubRequest {
  secret: string;
  /** The only bucket that the deployment grants; the secret must name the same. */
  bucket: string;
  /** In place of what the secret says, where a run has shared it out among its items. */
  requestsPerMinute?: number | undefined;
  signal: AbortSignal;
  readSecret?: SecretReader;
}

const defaultRequestsPerMinute = 30;

/**
 * GitHub as the secret of a deployment describes it at this moment, so that a new value of the secret counts from the
 * next run on.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export async function openDeployedGitHub(request: DeployedGitHubRequest): Promise<DeployedGitHub> {
  const { secret: name, bucket, signal, readSecret = secretsManager() } = request;
  const secret = parseGitHubSecret(await readSecret(name), name);
  if (secret.vault.bucket !== bucket)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `BACKUP_S3_BUCKET in the secret ${name} is not the bucket of this deployment`,
      {
        advice: `The deployment grants ${bucket} and no other: put that into the secret, or deploy with the other bucket.`,
      },
    );
  const http = new HttpClient({ signal });
  const requestsPerMinute = request.requestsPerMinute ?? secret.requestsPerMinute ?? defaultRequestsPerMinute;
  const source = new GitHubSource({
    http,
    token: secretToken(name, readSecret, secret.token),
    settings: secret.settings,
    apiUrl: secret.apiUrl,
    requestsPerMinute,
    signal,
  });
  const refs = { include: [], exclude: secret.refsExclude };
  return {
    source,
    vault: `s3://${secret.vault.bucket}/${secret.vault.prefix}`,
    options: { ...defaultBackupOptions, format: secret.format ?? defaultBackupOptions.format, refs },
    requestsPerMinute,
    notifySuccess: secret.notifySuccess,
    close: () => {
      source.close();
      http.close();
    },
  };
}
