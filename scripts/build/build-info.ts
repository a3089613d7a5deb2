import { spawnSync } from 'node:child_process';
import { root } from './options.ts';

/** What the command line is made of. */
const parts = ['layers', 'scripts/cli', 'package-lock.json'];

/**
 * What `holdfast --version` says of a build: the newest commit that changed the program, so that the same sources give
 * the same bytes whatever else was committed since.
 * @param form which of the builds it is
 */
export function buildInfo(form: string): Record<string, string> {
  const commit = git('log', '-1', '--abbrev=12', '--format=commit %h of %cs', '--', ...parts) ?? 'commit unknown';
  const changed = git('status', '--porcelain', '--', ...parts) ? ' with changes' : '';
  return { HOLDFAST_BUILD: JSON.stringify(`${commit}${changed}, ${form}`) };
}

/** Undefined where there is no git, or no repository: a download of the sources has none. */
function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}
