import { gitHubAddresses } from '#core/sources/github/addresses.ts';
import { appKeys } from '#core/sources/github/app/app-keys.ts';
import { appCredential, secretCredential, type GitHubCredential } from '#core/sources/github/credential.ts';
import { defaultBackupOptions, type BackupOptions } from '#core/repositories/backup/options.ts';
import { parseByteSize } from '#core/runtime/byte-size.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import { GitHubSource } from '#core/sources/github/github-source.ts';
import { defaultSecretName, parseGitHubSecret, type GitHubSecret } from '#core/sources/github/secret.ts';
import { parseDatasets } from '#core/sources/github/datasets/selection.ts';
import type { GitHubSettings } from '#core/sources/github/settings.ts';
import { fileToken, fixedToken } from '#core/sources/hosting/token.ts';
import { ghToken } from '#core/sources/github/gh-token.ts';
import type { Context } from './context.ts';
import type { CredentialFlags } from './credential-helpers.ts';

export interface TokenFlags extends CredentialFlags {
  apiUrl?: string;
  tokenFile?: string;
  /** True where the flag stands without a name. */
  secret?: string | true;
}

export interface GitHubFlags extends TokenFlags {
  owned?: boolean;
  include: string[];
  exclude: string[];
  forks: boolean;
  archived: boolean;
  visibility: GitHubSettings['visibility'];
  datasets: string[];
  requestsPerMinute?: number;
  stallSeconds: number;
}

export interface OpenedGitHub {
  source: GitHubSource;
  hasToken: boolean;
  /** Where the secret says that backups go; undefined without a secret. */
  vault: string | undefined;
  /** What the secret says of how repositories are taken. */
  options: Pick<BackupOptions, 'format' | 'refs' | 'lfsLimit'>;
  close: () => void;
}

/** GitHub as flags, environment and secret describe it; what a flag says counts before what the secret says. */
export async function openGitHub(
  context: Context,
  flags: GitHubFlags,
  owner: string | undefined,
): Promise<OpenedGitHub> {
  const secret = await namedSecret(flags);
  const http = new HttpClient({ stallMs: flags.stallSeconds * 1000, signal: context.signal });
  const chosen = settings(context, flags, owner, secret);
  const credential = gitHubCredential(context, flags, { http, owner: chosen.owner, secret });
  const source = new GitHubSource({
    http,
    ...credential,
    settings: chosen,
    apiUrl: flags.apiUrl ?? secret?.apiUrl,
    requestsPerMinute: flags.requestsPerMinute ?? secret?.requestsPerMinute,
    signal: context.signal,
    onRetry: (error) => context.output.line(`GitHub: ${error.message}; trying again`),
  });
  return {
    source,
    hasToken: (await credential.token()) !== undefined,
    vault: secret && `s3://${secret.vault.bucket}/${secret.vault.prefix}`,
    options: {
      format: secret?.format ?? defaultBackupOptions.format,
      refs: { include: [], exclude: secret?.refsExclude ?? [] },
      lfsLimit: lfsLimitIn(context) ?? secret?.lfsLimit ?? defaultBackupOptions.lfsLimit,
    },
    close: () => {
      source.close();
      http.close();
    },
  };
}

/** By what GitHub is asked: a file or secret that was named, else a GitHub App or GITHUB_TOKEN in the environment, else gh. */
export function gitHubCredential(
  { environment, signal }: Context,
  flags: TokenFlags,
  { http, owner, secret }: { http: HttpClient; owner: string | undefined; secret: GitHubSecret | undefined },
): GitHubCredential {
  if (flags.tokenFile !== undefined) return { token: fileToken(flags.tokenFile) };
  const addresses = gitHubAddresses(flags.apiUrl ?? secret?.apiUrl);
  const app = { http, addresses, owner, signal };
  const name = secretName(flags);
  if (name !== undefined && secret) return secretCredential(name, secretsManager(), secret, app);
  const keys = appKeys((variable) => environment.variable(variable), 'the environment');
  if (keys) return appCredential(() => Promise.resolve(keys), app);
  if (environment.githubToken !== undefined || flags.credentialHelpers === false)
    return { token: fixedToken(environment.githubToken, 'GITHUB_TOKEN') };
  return { token: ghToken(addresses.host, signal) };
}

/** @throws {HoldfastError} ConfigurationInvalid */
function lfsLimitIn({ environment }: Context): number | undefined {
  const text = environment.variable('BACKUP_LFS_LIMIT');
  const size = text === undefined ? undefined : parseByteSize(text);
  if (text === undefined || size !== undefined) return size;
  throw new HoldfastError('ConfigurationInvalid', 'BACKUP_LFS_LIMIT is not a size', {
    advice: 'Write it as 5GB or 500MB.',
  });
}

function secretName({ secret }: TokenFlags): string | undefined {
  return secret === true ? defaultSecretName : secret;
}

/** The secret that the flags name; undefined where they name none. */
export async function namedSecret(flags: TokenFlags): Promise<GitHubSecret | undefined> {
  const name = secretName(flags);
  return name === undefined ? undefined : parseGitHubSecret(await secretsManager()(name), name);
}

function settings(
  { environment }: Context,
  flags: GitHubFlags,
  owner: string | undefined,
  secret: GitHubSecret | undefined,
): GitHubSettings {
  const base = secret?.settings;
  const datasets = environment.variable('BACKUP_DATASETS');
  return {
    owner: owner ?? base?.owner,
    onlyOwned: flags.owned ?? base?.onlyOwned,
    include: flags.include.length > 0 ? flags.include : (base?.include ?? []),
    exclude: [...flags.exclude, ...(base?.exclude ?? [])],
    forks: flags.forks && (base?.forks ?? true),
    archived: flags.archived && (base?.archived ?? true),
    visibility: flags.visibility === 'all' ? (base?.visibility ?? 'all') : flags.visibility,
    datasets:
      flags.datasets.length > 0
        ? parseDatasets(flags.datasets, '--datasets')
        : datasets === undefined
          ? base?.datasets
          : parseDatasets([datasets], 'BACKUP_DATASETS'),
  };
}
