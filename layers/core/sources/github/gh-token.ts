import { askProgram } from '#core/runtime/ask-program.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { isToken, type TokenProvider } from '../hosting/token.ts';

/**
 * The token with which gh, GitHub's own command line, is logged in to a host; none where it is not there or not logged
 * in. https://cli.github.com/manual/gh_auth_token
 * @param host as gh names it: `github.com`, `ghe.example`
 */
export function ghToken(host: string, signal?: AbortSignal): TokenProvider {
  let asked: Promise<string | undefined> | undefined;
  return (refused) => {
    if (refused !== undefined) return Promise.resolve(undefined);
    asked ??= ask(host, signal);
    return asked;
  };
}

async function ask(host: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const answer = await askProgram('gh', { args: ['auth', 'token', '--hostname', host], signal });
  const token = answer?.trim() ?? '';
  keepSecret(token);
  return isToken(token) ? token : undefined;
}
