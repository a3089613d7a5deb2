import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench-context.ts';
import type { Command } from '../measure/measure-process.ts';
import { plainEnvironment } from '../measure/environment.ts';

/** Where a run of Holdfast stores, below the folder of the run. */
export const vaultIn = (folder: string): string => join(folder, 'vault');

export function holdfast(
  bench: Bench,
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Command {
  return {
    line: [process.execPath, bench.options.program, ...args],
    environment: plainEnvironment({ TMPDIR: join(folder, 'tmp'), ...environment }),
  };
}

export function backUpToFolder(bench: Bench, folder: string, url: string): Command {
  return holdfast(bench, folder, [...backUpGit(url), '--vault', vaultIn(folder)]);
}

/** A backup of one repository, into whatever vault. */
export function backUpGit(url: string): string[] {
  return ['backup', 'git', url, '--quiet'];
}

/** @param list a file of URLs, one a line */
export function backUpListToFolder(bench: Bench, folder: string, list: string): Command {
  return holdfast(bench, folder, ['backup', 'git', '--from', list, '--quiet', '--vault', vaultIn(folder)]);
}

/**
 * A small program of the benchmark, run by Node alone.
 * @param file its URL
 */
export function client(file: string, folder: string, args: readonly string[]): Command {
  return {
    line: [process.execPath, fileURLToPath(file), ...args],
    environment: plainEnvironment({ TMPDIR: join(folder, 'tmp') }),
  };
}

/** Commands of the shell, with arguments as `$1`, `$2` and so on; the first that fails ends them. */
export function shell(folder: string, script: string, args: readonly string[]): Command {
  return {
    line: ['sh', '-ec', script, 'sh', ...args],
    environment: plainEnvironment({ TMPDIR: join(folder, 'tmp') }),
  };
}
