import type { HostAddress } from '#core/sources/hosting/address.ts';
import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { loginToken } from '#core/sources/hosting/login-token.ts';
import { fileToken, fixedToken, type TokenProvider } from '#core/sources/hosting/token.ts';
import type { Context } from './context.ts';
import type { CredentialFlags } from './credential-helpers.ts';

/** Where the token for a host comes from: a file that was named, else the environment. */
export function hostToken(
  { environment }: Pick<Context, 'environment'>,
  { tokenVariables }: HostDefinition,
  file: string | undefined,
): TokenProvider {
  if (file !== undefined) return fileToken(file);
  const variable = tokenVariables.find((name) => environment.variable(name) !== undefined) ?? tokenVariables[0];
  return fixedToken(environment.variable(variable), variable);
}

/** As `hostToken`, else what the user is logged in with already. */
export function hostOrLoginToken(
  context: Context,
  definition: HostDefinition,
  { tokenFile, credentialHelpers }: CredentialFlags & { tokenFile?: string },
  address: HostAddress,
): TokenProvider {
  const given = definition.tokenVariables.some((name) => context.environment.variable(name) !== undefined);
  return tokenFile !== undefined || given || credentialHelpers === false
    ? hostToken(context, definition, tokenFile)
    : loginToken(definition, address, context.signal);
}
