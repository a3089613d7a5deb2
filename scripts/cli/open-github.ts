import { gitHubAddresses } from '#core/sources/github/addresses.ts';
import { defaultBackupOptions, type BackupOptions } from '#core/repositories/backup/options.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { secretsManager } from '#core/runtime/secrets-manager.ts';
import { GitHubSource } from '#core/sources/github/github-source.ts';
import { secretToken } from '#core/sources/github/secret-token.ts';
import { defaultSecretName, parseGitHubSecret, type GitHubSecret } from '#core/sources/github/secret.ts';
import { parseDatasets } from '#core/sources/github/datasets/selection.ts';
import type { GitHubSettings } from '#core/sources/github/settings.ts';
import { fileToken, fixedToken, type TokenProvider } from '#core/sources/hosting/token.ts';
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
  options: Pick<BackupOptions, 'format' | 'refs'>;
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
  const token = tokenProvider(context, flags, secret);
  const source = new GitHubSource({
    http,
    token,
    settings: settings(context, flags, owner, secret),
    apiUrl: flags.apiUrl ?? secret?.apiUrl,
    requestsPerMinute: flags.requestsPerMinute ?? secret?.requestsPerMinute,
    signal: context.signal,
    onRetry: (error) => context.output.line(`GitHub: ${error.message}; trying again`),
  });
  return {
    source,
    hasToken: (await token()) !== undefined,
    vault: secret && `s3://${secret.vault.bucket}/${secret.vault.prefix}`,
    options: {
      format: secret?.format ?? defaultBackupOptions.format,
      refs: { include: [], exclude: secret?.refsExclude ?? [] },
    },
    close: () => {
      source.close();
      http.close();
    },
  };
}

/** Where the token comes from: a file or secret that was named, else GITHUB_TOKEN, else gh. */
export function tokenProvider(
  { environment, signal }: Context,
  flags: TokenFlags,
  secret?: GitHubSecret,
): TokenProvider {
  if (flags.tokenFile !== undefined) return fileToken(flags.tokenFile);
  const name = secretName(flags);
  if (name !== undefined) return secretToken(name, secretsManager(), secret?.token);
  if (environment.githubToken !== undefined || flags.credentialHelpers === false)
    return fixedToken(environment.githubToken, 'GITHUB_TOKEN');
  return ghToken(gitHubAddresses(flags.apiUrl).host, signal);
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
