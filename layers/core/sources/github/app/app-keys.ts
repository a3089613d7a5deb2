import { HoldfastError } from '#core/runtime/errors.ts';

/** How a GitHub App proves itself. */
export interface AppKeys {
  /** The id of the app, or its client id. */
  id: string;
  /** Undefined: that of the owner, or the only one that there is. */
  installation: string | undefined;
  /** As it was given: `privateKey` reads it. */
  privateKey: string;
  /** Where all this stands, for messages: `the secret prod/github-backup`. */
  origin: string;
}

/** The names of its parts, in a secret and in the environment. */
export const appVariables = {
  id: 'GITHUB_APP_ID',
  installation: 'GITHUB_APP_INSTALLATION_ID',
  privateKey: 'GITHUB_APP_PRIVATE_KEY',
} as const;

/**
 * The app that a secret or an environment describes; undefined where it describes none.
 * @throws {HoldfastError} ConfigurationInvalid for half an app
 */
export function appKeys(variable: (name: string) => string | undefined, origin: string): AppKeys | undefined {
  const id = variable(appVariables.id);
  const key = variable(appVariables.privateKey);
  const installation = variable(appVariables.installation);
  if (id === undefined && key === undefined && installation === undefined) return undefined;
  if (id === undefined || key === undefined)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `${origin} has ${id === undefined ? 'no' : 'a'} ${appVariables.id} and ${key === undefined ? 'no' : 'a'} ${appVariables.privateKey}`,
      { advice: 'An app needs both.' },
    );
  if (!/^[\w.-]+$/.test(id))
    throw new HoldfastError('ConfigurationInvalid', `${appVariables.id} is not the id of an app`, {
      advice: "It is the number on the app's settings page, or the client id beside it.",
    });
  if (installation !== undefined && !/^\d+$/.test(installation))
    throw new HoldfastError('ConfigurationInvalid', `${appVariables.installation} is not a number`, {
      advice: "It is at the end of the address of the installation's page.",
    });
  return { id, installation, privateKey: key, origin };
}
