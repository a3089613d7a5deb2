/** The real npm and pip, each in a home of its own, so that nothing of this machine's configuration has a part in it. */
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A registry and the token that opens it. */
export interface Registry {
  /** As GetRepositoryEndpoint answers it. */
  endpoint: string;
  token: string;
}

/** What it wrote to stdout; an error of npm has its stderr in the message. */
export type PackageManager = (...args: string[]) => Promise<string>;

/** npm with its configuration and its cache in a folder, in which it also runs. */
export async function npmIn(folder: string, { endpoint, token }: Registry): Promise<PackageManager> {
  const userconfig = join(folder, '.npmrc');
  const settings = ['audit=false', 'fund=false', 'update-notifier=false', 'fetch-retries=0'];
  const key = endpoint.replace(/^https?:/, '');
  await writeFile(userconfig, [`registry=${endpoint}`, `${key}:_authToken=${token}`, ...settings, ''].join('\n'));
  const own = { npm_config_userconfig: userconfig, npm_config_globalconfig: join(folder, 'none') };
  const env = { PATH: process.env['PATH'], HOME: folder, npm_config_cache: join(folder, 'cache'), ...own };
  return async (...args) => (await run('npm', args, { cwd: folder, env })).stdout;
}

const python = process.env['PYTHON'] ?? 'python3';
let foundPip: true | string | undefined;

/** True, or the reason why pip cannot run here. */
export function pipAvailable(): true | string {
  const { status } = foundPip === undefined ? spawnSync(python, ['-m', 'pip', '--version']) : { status: 0 };
  return (foundPip ??= status === 0 || `needs pip: ${python} -m pip does not run`);
}

/** Installs from the registry, and from nowhere else, into a folder, by `pip install`; the token is in a netrc file. */
export async function pipInstall(folder: string, { endpoint, token }: Registry, ...packages: string[]): Promise<void> {
  const netrc = join(folder, 'netrc');
  const { hostname } = new URL(endpoint);
  await writeFile(netrc, `machine ${hostname} login aws password ${token}\n`, { mode: 0o600 });
  const quiet = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--no-deps',
    '--root-user-action',
    'ignore',
  ];
  const source = ['--isolated', '--index-url', `${endpoint}simple/`, '--target', folder];
  const env = { PATH: process.env['PATH'], HOME: folder, NETRC: netrc };
  await run(python, ['-m', 'pip', 'install', ...quiet, ...source, ...packages], { env });
}

/** Runs a line of Python that finds what was installed into a folder. */
export async function runPython(folder: string, code: string): Promise<string> {
  return (await run(python, ['-c', code], { env: { ...process.env, PYTHONPATH: folder } })).stdout.trim();
}
