import { askProgram } from '#core/runtime/ask-program.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { isLoopback } from '../hosting/address.ts';
import type { Login } from './netrc.ts';

/** Gives the login for the URL of a repository, or undefined where there is none. */
export type FindLogin = (url: URL) => Promise<Login | undefined>;

/**
 * The login that git's credential helpers have for a URL (gitcredentials). They are those of the user and of the
 * machine, never those of a repository that lies in the current folder; none may prompt, and none is asked for a host
 * to which the login would travel unencrypted.
 */
export async function helpersLogin(url: URL, signal?: AbortSignal): Promise<Login | undefined> {
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) return undefined;
  const answer = await askProgram('git', {
    args: ['credential', 'fill'],
    input: `${question(url)}\n\n`,
    environment: {
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      GCM_INTERACTIVE: 'never',
      GIT_DIR: '/dev/null',
      LC_ALL: 'C',
    },
    signal,
  });
  if (answer === undefined) return undefined;
  const said = new Map(
    answer.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const password = said.get('password');
  if (!password || said.get('host') !== url.host) return undefined;
  keepSecret(password);
  return { login: said.get('username') ?? '', password };
}

/**
 * As git asks: helpers may have a login for one path alone, where credential.useHttpPath says so. A path with characters
 * that are escaped is left out, since a line break would ask for another host.
 */
function question({ protocol, host, pathname }: URL): string {
  const path = pathname.includes('%') ? [] : [`path=${pathname.slice(1)}`];
  return [`protocol=${protocol.slice(0, -1)}`, `host=${host}`, ...path].join('\n');
}
