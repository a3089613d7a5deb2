import { Option } from '@commander-js/extra-typings';
import { helpersLogin, type FindLogin } from '#core/sources/git/credential-helpers.ts';
import type { Context } from './context.ts';

export interface CredentialFlags {
  credentialHelpers?: boolean;
}

export function withoutCredentialHelpers() {
  return new Option(
    '--no-credential-helpers',
    "ask neither gh nor git's credential helpers for a login where none was given",
  );
}

/** Git's credential helpers, unless they are off. */
export function helpersOf({ signal }: Context, { credentialHelpers }: CredentialFlags): FindLogin | undefined {
  return credentialHelpers === false ? undefined : (url) => helpersLogin(url, signal);
}
