import { homedir } from 'node:os';
import path from 'node:path';

/** The one place that reads the process's environment. Everything else is handed what it needs. */
export interface Environment {
  githubToken: string | undefined;
  /** Where credentials of Git hosts stand: `NETRC`, else `~/.netrc`. */
  netrcFile: string;
  /** https://no-color.org: any value that is not empty. */
  noColor: boolean;
  /** A terminal that understands no control sequences: `TERM=dumb` (terminfo). */
  dumbTerminal: boolean;
  /** The region that AWS's own tools would use. */
  awsRegion: string | undefined;
  /** The default of `--vault`; empty where the variable is set to nothing, which is a mistake. */
  vault: string | undefined;
  /** A variable that a source names itself, as that of its token; undefined where it is empty or not set. */
  variable(name: string): string | undefined;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    githubToken: nonEmpty(env['GITHUB_TOKEN']),
    netrcFile: nonEmpty(env['NETRC']) ?? path.join(homedir(), '.netrc'),
    noColor: nonEmpty(env['NO_COLOR']) !== undefined,
    dumbTerminal: env['TERM'] === 'dumb',
    awsRegion: nonEmpty(env['AWS_REGION']) ?? nonEmpty(env['AWS_DEFAULT_REGION']),
    vault: env['HOLDFAST_VAULT'],
    variable: (name) => nonEmpty(env[name]),
  };
}

/**
 * What any child process needs of ours: where programs and their libraries are, and where to put temporary files. All
 * else is kept from it: any other variable could hold a secret, or lead git to another repository.
 */
const needed = [
  'PATH',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'GIT_EXEC_PATH',
  'TMPDIR',
  // Windows.
  'SystemRoot',
  'TEMP',
  'TMP',
];

/** Where programs look for their user's configuration. */
const configuration = ['HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'];

/** Where keyrings and credential helpers find what they keep for their user, and how gh is logged in. */
const credentials = [
  'USER',
  'LOGNAME',
  'XDG_RUNTIME_DIR',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'PASSWORD_STORE_DIR',
  'GCM_CREDENTIAL_STORE',
  'GH_CONFIG_DIR',
  'GH_TOKEN',
  'GH_ENTERPRISE_TOKEN',
  // Windows.
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
];

/** The environment for a child process: little of ours, and what is given here. */
export function childEnvironment(
  extra: Record<string, string>,
  {
    userConfiguration = false,
    userCredentials = false,
  }: { userConfiguration?: boolean; userCredentials?: boolean } = {},
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const names = [...needed, ...(userConfiguration ? configuration : []), ...(userCredentials ? credentials : [])];
  const kept = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), ...extra };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
