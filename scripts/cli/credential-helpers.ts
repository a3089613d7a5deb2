import { Option } from '@commander-js/extra-typings';
import type { FindLogin } from '#core/sources/git/credential-helpers.ts';
import type { Context } from './context.ts';

export interface CredentialFlags {
  credentialHelpers?: boolean;
}

/** @param program the host's own command line, which is asked as well */
export function withoutCredentialHelpers(program?: string) {
  const asked =
    program === undefined
      ? "do not ask git's credential helpers"
      : `ask neither ${program} nor git's credential helpers`;
  return new Option('--no-credential-helpers', `${asked} for a login where none was given`);
}

/** Git's credential helpers, unless they are off. */
export function helpersOf({ signal }: Context, { credentialHelpers }: CredentialFlags): FindLogin | undefined {
  if (credentialHelpers === false) return undefined;
  return async (url) => (await import('#core/sources/git/credential-helpers.ts')).helpersLogin(url, signal);
}
