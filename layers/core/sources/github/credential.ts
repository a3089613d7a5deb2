import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { SecretReader } from '#core/runtime/secrets-manager.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { TokenProvider } from '../hosting/token.ts';
import type { GitHubAddresses } from './addresses.ts';
import { appVariables, type AppKeys } from './app/app-keys.ts';
import { GitHubApp } from './app/github-app.ts';
import { secretToken } from './secret-token.ts';
import { parseGitHubSecret, type GitHubSecret } from './secret.ts';

/** By what a source proves itself to GitHub. */
export interface GitHubCredential {
  token: TokenProvider;
  /** Where the token is an app's. */
  app?: GitHubApp | undefined;
}

/** How an app reaches GitHub. */
export interface AppContext {
  http: HttpClient;
  addresses: GitHubAddresses;
  /** The account whose repositories are wanted. */
  owner: string | undefined;
  signal?: AbortSignal | undefined;
}

/** An app is asked little, and a run does not begin without it. */
const appRetry: RetryPolicy = { attempts: 4, firstWaitMs: 1_000, longestWaitMs: 300_000 };

export function appCredential(keys: () => Promise<AppKeys>, context: AppContext): GitHubCredential {
  const app = new GitHubApp({ ...context, keys, retry: appRetry });
  return { token: app.token, app };
}

/**
 * The app in a secret, else the token in it; read again when GitHub refuses it, since a secret's value is replaced.
 * @param known the secret as it was read just now
 */
export function secretCredential(
  name: string,
  read: SecretReader,
  known: GitHubSecret,
  context: AppContext,
): GitHubCredential {
  if (!known.app) return { token: secretToken(name, read, known.token) };
  let first: AppKeys | undefined = known.app;
  return appCredential(async () => {
    const keys = first ?? parseGitHubSecret(await read(name), name).app;
    first = undefined;
    if (keys) return keys;
    throw new HoldfastError('ConfigurationInvalid', `the secret ${name} has no ${appVariables.id} any more`);
  }, context);
}
