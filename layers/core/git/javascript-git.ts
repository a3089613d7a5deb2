import { messageOf, systemCode } from '#core/runtime/errors.ts';

/** What isomorphic-git says of itself, rather than of the repository. */
const aboutItself =
  /\s*(An internal error caused this command to fail|Please file a bug report|If you're not a developer)[^]*$/;

/** Why isomorphic-git failed, in words for users who have never heard of it. */
export function whyJavascriptFailed(error: unknown): string {
  const said = messageOf(error).replace(aboutItself, '').trim();
  if (said !== '') return said;
  return `it cannot be read without the git binary (${systemCode(error) ?? 'no reason given'})`;
}

/** The first of the errors that isomorphic-git gathers, as it writes many files at once; else the error itself. */
export function firstOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return error;
  const gathered: readonly unknown[] = error.errors;
  return gathered[0] ?? error;
}
