import { readFile } from 'node:fs/promises';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { keepSecret } from '#core/runtime/redact.ts';

export interface Login {
  login: string;
  password: string;
}

/** Host, or host and port, → login; `default` serves hosts that have no entry of their own. */
export type Netrc = ReadonlyMap<string, Login>;

/**
 * Reads a netrc file as curl and git do (https://everything.curl.dev/usingcurl/netrc.html): words, in any number of
 * lines, with `#` comments and `macdef` passed over. A file that is not there holds no logins.
 */
export async function readNetrc(file: string): Promise<Netrc> {
  try {
    return parseNetrc(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map();
    // Not the system's own message, which quotes the name: the variable may have been set to a password.
    throw new HoldfastError(
      'ConfigurationInvalid',
      `cannot read the netrc file: ${systemCode(error) ?? messageOf(error)}`,
      {
        advice: 'It is the file that NETRC names, otherwise ~/.netrc.',
      },
    );
  }
}

export function parseNetrc(text: string): Netrc {
  const logins = new Map<string, Login>();
  const words = wordsOf(text);
  let host: string | undefined;
  let entry: Partial<Login> = {};
  const close = (): void => {
    // As in curl, the first entry for a host counts.
    if (host !== undefined && entry.password !== undefined && !logins.has(host)) {
      keepSecret(entry.password);
      logins.set(host, { login: entry.login ?? '', password: entry.password });
    }
    entry = {};
  };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === 'machine' || word === 'default') {
      close();
      host = word === 'default' ? 'default' : words.shift()?.toLowerCase();
    } else if (word === 'login') entry.login = words.shift() ?? '';
    else if (word === 'password') entry.password = words.shift() ?? '';
    else if (word === 'account') words.shift();
  }
  close();
  return logins;
}

/** Splits into words; a word in double quotes may hold spaces and backslash escapes. */
function wordsOf(text: string): string[] {
  const withoutMacros = text.replace(/^[ \t]*macdef[^\n]*\n(?:[^\n]+\n)*/gm, '');
  const words: string[] = [];
  for (const [whole, quoted] of withoutMacros.matchAll(/"((?:\\.|[^"\\])*)"|#[^\n]*|[^\s#"][^\s]*/g)) {
    if (quoted !== undefined) words.push(quoted.replace(/\\(.)/g, '$1'));
    else if (!whole.startsWith('#')) words.push(whole);
  }
  return words;
}
