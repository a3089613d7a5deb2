/** Real package managers, each at work in a folder of its own. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CodeArtifact } from '../../../../support/codeartifact-server.ts';
import { account, region } from './package-vault.ts';

/** Where a repository of the stand-in serves a format, and a token for it. */
export function servedAt(server: CodeArtifact, format: string, repository: string): { url: URL; token: string } {
  const token = server.tokens.issue(server.findDomain('company'), account, 600).value;
  return { url: new URL(`${server.url}/registry/company-${account}.${region}/${format}/${repository}/`), token };
}

/** `npm install` into a new project in an empty folder. */
export async function npmInstall(
  server: CodeArtifact,
  repository: string,
  project: string,
  wanted: string,
): Promise<void> {
  const { url, token } = servedAt(server, 'npm', repository);
  const settings = `registry=${url.href}\n//${url.host}${url.pathname}:_authToken=${token}\n`;
  await writeFile(join(project, '.npmrc'), settings);
  await writeFile(join(project, 'package.json'), '{"name":"project","version":"1.0.0"}');
  const flags = ['--no-audit', '--no-fund', '--no-update-notifier'];
  await promisify(execFile)('npm', ['install', ...flags, wanted], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: project, npm_config_cache: join(project, 'cache') },
  });
}

/** `pip install` into an empty folder. */
export async function pipInstall(
  server: CodeArtifact,
  repository: string,
  target: string,
  ...wanted: string[]
): Promise<void> {
  const { url, token } = servedAt(server, 'pypi', repository);
  const index = `${url.protocol}//aws:${token}@${url.host}${url.pathname}simple/`;
  const flags = ['--disable-pip-version-check', '--no-cache-dir', '--no-deps', '--no-build-isolation'];
  const python = process.env['PYTHON'] ?? 'python3';
  await promisify(execFile)(python, ['-m', 'pip', 'install', ...flags, '--target', target, ...wanted], {
    env: { ...process.env, HOME: target, NETRC: '/nonexistent', PIP_CONFIG_FILE: '/dev/null', PIP_INDEX_URL: index },
  });
}
