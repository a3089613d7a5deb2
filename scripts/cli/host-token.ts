import type { Environment } from '#core/runtime/environment.ts';
import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { fileToken, fixedToken, type TokenProvider } from '#core/sources/hosting/token.ts';

/** Where the token for a host comes from: a file that was named, else the environment. */
export function hostToken(
  environment: Environment,
  { tokenVariables }: HostDefinition,
  file: string | undefined,
): TokenProvider {
  if (file !== undefined) return fileToken(file);
  const variable = tokenVariables.find((name) => environment.variable(name) !== undefined) ?? tokenVariables[0];
  return fixedToken(environment.variable(variable), variable);
}
