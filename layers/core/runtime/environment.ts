import { homedir } from 'node:os';
import path from 'node:path';

/** The one place that reads the process's environment. Everything else is handed what it needs. */
export interface Environment {
  githubToken: string | undefined;
  /** Where credentials of Git hosts stand: `NETRC`, else `~/.netrc`. */
  netrcFile: string;
  /** https://no-color.org: any value that is not empty. */
  noColor: boolean;
  /** The region that AWS's own tools would use. */
  awsRegion: string | undefined;
  /** The default of `--vault`. */
  vault: string | undefined;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    githubToken: nonEmpty(env['GITHUB_TOKEN']),
    netrcFile: nonEmpty(env['NETRC']) ?? path.join(homedir(), '.netrc'),
    noColor: nonEmpty(env['NO_COLOR']) !== undefined,
    awsRegion: nonEmpty(env['AWS_REGION']) ?? nonEmpty(env['AWS_DEFAULT_REGION']),
    vault: nonEmpty(env['HOLDFAST_VAULT']),
  };
}

/**
 * The environment for a child process: ours without secrets, and without the variables by which a surrounding git
 * command would redirect the child to its own repository.
 */
export function childEnvironment(
  extra: Record<string, string>,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) =>
      !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX)$/.test(
        name,
      ) && !/TOKEN|SECRET|PASSWORD/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
