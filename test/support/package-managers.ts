/** The real npm, pip and Maven, each in a home of its own, so that nothing of this machine's configuration has a part. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeJarAndPom } from './packages.ts';
import { python } from './python.ts';

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

let foundPip: true | string | undefined;

/** True, or the reason why pip cannot run here. */
export function pipAvailable(): true | string {
  const { status } = foundPip === undefined ? spawnSync(python(), ['-m', 'pip', '--version']) : { status: 0 };
  return (foundPip ??= status === 0 || `needs pip: ${python()} -m pip does not run`);
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
  await run(python(), ['-m', 'pip', 'install', ...quiet, ...source, ...packages], { env });
}

/** Runs a line of Python that finds what was installed into a folder. */
export async function runPython(folder: string, code: string): Promise<string> {
  return (await run(python(), ['-c', code], { env: { ...process.env, PYTHONPATH: folder } })).stdout.trim();
}

let foundMaven: true | string | undefined;

/** True, or the reason why Maven cannot run here. */
export function mavenAvailable(): true | string {
  const { status } = foundMaven === undefined ? spawnSync('mvn', ['--version']) : { status: 0 };
  return (foundMaven ??= status === 0 || 'needs Maven: mvn does not run');
}

/**
 * Lets Maven take an artifact from the registry, and check its checksums; the content of its jar. It takes it as an
 * extension of a build, since that needs none of the plugins that Maven would have to download.
 */
export async function mavenResolve(
  folder: string,
  { endpoint, token }: Registry,
  { group, name, version }: { group: string; name: string; version: string },
): Promise<Buffer> {
  const settings = join(folder, 'settings.xml');
  const server = `<server><id>registry</id><username>aws</username><password>${token}</password></server>`;
  const mirror = `<mirror><id>registry</id><mirrorOf>*</mirrorOf><url>${endpoint}</url></mirror>`;
  const content = `<settings><servers>${server}</servers><mirrors>${mirror}</mirrors></settings>\n`;
  await writeFile(settings, content, { mode: 0o600 });
  const own = '<groupId>tests</groupId><artifactId>build</artifactId><version>1</version><packaging>pom</packaging>';
  const coordinates = `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`;
  const build = `<build><extensions><extension>${coordinates}</extension></extensions></build>`;
  const project = `<project><modelVersion>4.0.0</modelVersion>${own}${build}</project>\n`;
  await writeFile(join(folder, 'pom.xml'), project);
  const repository = join(folder, 'repository');
  await putInPlace(repository, { group: 'org.codehaus.plexus', name: 'plexus-utils', version: '1.1' });
  const place = ['--settings', settings, `-Dmaven.repo.local=${repository}`, `-Duser.home=${folder}`];
  const maven = run('mvn', ['--batch-mode', '--quiet', '--strict-checksums', ...place, 'validate'], { cwd: folder });
  await maven.catch((error: unknown) => {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new Error(`Maven: ${said}`, { cause: error }); // it says everything on stdout
  });
  return readFile(join(repository, ...group.split('.'), name, version, `${name}-${version}.jar`));
}

/** An empty artifact in the local repository, for what Maven adds to every extension. */
async function putInPlace(
  repository: string,
  artifact: { group: string; name: string; version: string },
): Promise<void> {
  const folder = join(repository, ...artifact.group.split('.'), artifact.name, artifact.version);
  await mkdir(folder, { recursive: true });
  for (const { name, bytes } of Object.values(await makeJarAndPom(artifact)))
    await writeFile(join(folder, name), bytes);
}
