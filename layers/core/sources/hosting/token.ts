import { readFile } from 'node:fs/promises';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import { keepSecret, mayBeToken } from '#core/runtime/redact.ts';

/**
 * Gives the token for a host, or undefined where there is none.
 * @param refused the token that the host has just refused: read again, since it may have been replaced meanwhile
 */
export type TokenProvider = ((refused?: string) => Promise<string | undefined>) | RenewingToken;

/** A token that ends by itself, and whose provider makes a new one in time: it is asked before each request. */
export interface RenewingToken {
  (refused?: string): Promise<string | undefined>;
  readonly renews: true;
}

/** For public repositories: 60 requests an hour, and nothing private. */
export const noToken: TokenProvider = () => Promise.resolve(undefined);

/**
 * A token that came with the start of the process and cannot change, as from the environment.
 * @param origin where it came from, for messages: `GITHUB_TOKEN`
 */
export function fixedToken(value: string | undefined, origin: string): TokenProvider {
  const token = value === undefined ? undefined : checkedToken(value, origin);
  return (refused) => Promise.resolve(refused === undefined ? token : undefined);
}

/**
 * A token that stands alone in a file, which may be replaced while we run.
 * @throws {HoldfastError} Usage for a token in the place of a file
 */
export function fileToken(path: string): TokenProvider {
  if (mayBeToken(path)) {
    keepSecret(path);
    throw new HoldfastError('Usage', 'the name of the token file looks like a token itself', {
      advice:
        'Put the token into a file and name that, or into the environment. This one may be in the history of your shell now.',
    });
  }
  return async () => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      throw new HoldfastError(
        'ConfigurationInvalid',
        `cannot read the token file ${path}: ${systemCode(error) ?? 'no reason given'}`,
      );
    }
    return checkedToken(text, `the token file ${path}`);
  };
}

/**
 * The token in a text, without the byte order mark and the newline that editors add; masked from here on.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function checkedToken(text: string, origin: string): string {
  const token = text.trim();
  keepSecret(token);
  if (isToken(token)) return token;
  throw new HoldfastError(
    'ConfigurationInvalid',
    token === '' ? `${origin} is empty` : `${origin} does not hold exactly one token`,
  );
}

/** Whether a text can stand in a header: visible ASCII. Lengths and prefixes are the host's to change. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
