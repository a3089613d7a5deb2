const known = new Set<string>();

/**
 * Remembers a secret, so that `mask` takes it out of whatever is printed or stored. Process-wide on purpose: a
 * secret must stay masked wherever an error that quotes it surfaces.
 */
export function keepSecret(secret: string): void {
  // Anything shorter would blank out ordinary words, and is not a secret worth the name.
  if (secret.length < 6) return;
  known.add(secret);
  known.add(encodeURIComponent(secret));
  known.add(JSON.stringify(secret).slice(1, -1));
  known.add(Buffer.from(secret).toString('base64'));
}

/**
 * The text with every remembered secret, every login inside a URL, and all that has the form of a token replaced by
 * `***`. In linear time whatever the text is, since servers write it: each pattern is anchored, and looks ahead so far.
 */
export function mask(text: string): string {
  let masked = text;
  for (const secret of known) masked = masked.replaceAll(secret, '***');
  return masked.replace(login, '***@').replace(loginWithoutEscapes, '***@').replace(tokens, '***');
}

/** A user and a password as they ought to be written. */
const login = /(?<=[a-z0-9+.-]:\/\/)[^\s/?#]{1,1000}@/giu;

/**
 * A password that is written as it is, with a slash or another character that ends a host. What stands behind the first
 * colon is a password unless it is a port.
 */
const loginWithoutEscapes =
  /(?<=[a-z0-9+.-]:\/\/)[^\s/?#@:[\]"'<>]{0,200}:(?!\d{0,5}(?:[/?#\s"'<>]|$))[^\s"'<>]{0,500}@/giu;

/**
 * Tokens by the prefixes that their makers gave them for this purpose: GitHub, GitLab, npm, PyPI, Slack, Bitbucket, AWS.
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 * https://docs.gitlab.com/security/tokens/#token-prefixes
 */
const shapes = String.raw`gh[oprsu]_[A-Za-z0-9_.-]{16,1000}|github_pat_[A-Za-z0-9_]{16,255}|gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[\w.-]{16,255}|npm_[A-Za-z0-9]{30,255}|pypi-[\w-]{30,255}|xox[abeprs]-[\w-]{10,255}|ATBB[A-Za-z0-9]{16,255}|A(?:KIA|SIA)[A-Z0-9]{16}|eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}`;
const tokens = new RegExp(String.raw`(?<![A-Za-z0-9])(?:${shapes})`, 'g');
const oneToken = new RegExp(`^(?:${shapes})$`);

/** Whether a text has the form of a token, so that it was hardly meant for the name of anything. */
export function hasTokenForm(text: string): boolean {
  return oneToken.test(text.trim());
}

/** The same, and also for the forms of old tokens, which digests and ids have too: for where a name is expected. */
export function mayBeToken(text: string): boolean {
  const bare = text.trim();
  const mixed = [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(bare));
  return hasTokenForm(bare) || /^[0-9a-f]{32,}$/i.test(bare) || (mixed && /^[\w+=]{36,}$/.test(bare));
}

/**
 * The login that a URL holds, however it is written; undefined for one without. The host of `http://u:12/34@host` is
 * `u` to a browser, but its author meant a password that begins with digits: a port before a path with an @ is taken
 * for one if the name before it cannot be that of a host.
 */
export function loginIn(text: string): string | undefined {
  const [, before, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^\s]*)@/i.exec(text) ?? [];
  if (before === undefined) return undefined;
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  if (authority === rest) return rest;
  const [, host = '', port] = /^([^:]*):(.*)$/.exec(authority) ?? [];
  if (port === undefined) return undefined;
  const isHost = /^\d{1,5}$/.test(port) && (/[.[]/.test(host) || host === 'localhost');
  return isHost ? undefined : rest;
}

/** Keeps a login in a URL secret: whole, decoded, and its password alone. */
export function keepLoginIn(text: string): void {
  const found = loginIn(text);
  if (found === undefined) return;
  for (const form of [found, decoded(found)]) {
    keepSecret(form);
    keepSecret(form.slice(form.indexOf(':') + 1));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
