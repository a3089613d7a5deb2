import type { SecretReader } from '#core/runtime/secrets-manager.ts';
import { parseGitHubSecret } from './secret.ts';
import type { TokenProvider } from '../hosting/token.ts';

/**
 * The token in a secret, in its current version.
 * @param known the token, where the settings have been read from the same secret just now
 */
export function secretToken(name: string, read: SecretReader, known?: string): TokenProvider {
  return async (refused) => {
    if (refused === undefined && known !== undefined) return known;
    return parseGitHubSecret(await read(name), name).token;
  };
}
