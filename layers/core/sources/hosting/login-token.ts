import { askProgram } from '#core/runtime/ask-program.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { helpersLogin } from '../git/credential-helpers.ts';
import type { HostAddress } from './address.ts';
import type { HostDefinition } from './definition.ts';
import { isToken, type TokenProvider } from './token.ts';

/**
 * The token with which the user is logged in to a Git host already: in the host's own command line, else in git's
 * credential helpers, where tokens stand in the place of passwords.
 * @throws {HoldfastError} the provider, AccessDenied where the host refuses it: it may be no token but a password
 */
export function loginToken(
  { label, tokenVariables, ownToken }: HostDefinition,
  { web }: HostAddress,
  signal?: AbortSignal,
): TokenProvider {
  const url = new URL(web);
  let asked: Promise<string | undefined> | undefined;
  const ask = async (): Promise<string | undefined> => {
    const own = ownToken && (await askProgram(ownToken.program, { args: ownToken.args(url.host), signal }))?.trim();
    const token = own !== undefined && own !== '' ? own : (await helpersLogin(url, signal))?.password;
    if (token === undefined) return undefined;
    keepSecret(token);
    return isToken(token) ? token : undefined;
  };
  return (refused) => {
    if (refused === undefined) return (asked ??= ask());
    throw new HoldfastError('AccessDenied', `${label} refuses the login that this machine has for ${url.host}`, {
      advice: `Give a token in ${tokenVariables[0]}, or list only what is public by --no-credential-helpers.`,
    });
  };
}
