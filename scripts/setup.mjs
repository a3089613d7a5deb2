/**
 * Makes a fresh checkout ready: installs what package-lock.json names, and builds the command line. Does nothing
 * where both are there already. Plain JavaScript, since nothing is installed when it runs.
 */
import './check-node.mjs';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = path.join(root, 'dist', 'cli', 'holdfast.mjs');

/** When a file was last changed, or 0 where there is none. */
function changed(file) {
  return statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Whether anything in a folder was changed later. Paths are put together plainly: each start of a checkout waits for it. */
function hasNewer(folder, time) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory() ? hasNewer(name, time) : (statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? 0) > time)
      return true;
  }
  return false;
}

/** What the program is built of, and by. */
const sources = ['layers', 'scripts/cli', 'scripts/build'];

/** Whether the built program is older than any of its sources. */
export function isStale() {
  if (!existsSync(path.join(root, 'scripts', 'build.ts'))) return false;
  const built = changed('dist/cli/holdfast.mjs');
  if (['package-lock.json', 'scripts/build.ts'].some((file) => changed(file) > built)) return true;
  return sources.some((folder) => hasNewer(`${root}${folder}`, built));
}

/** Installs and builds where that is needed, and says so on standard error. */
export function setUp({ quiet = false } = {}) {
  if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
    if (!quiet) console.error('Installing what Holdfast needs (npm ci) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (isStale()) {
    // What a verb prints into a file or a pipe is the same each time.
    if (!quiet && process.stderr.isTTY) console.error('Building the command line …');
    run(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--cli']);
  }
}

function run(command, args) {
  // Loaded where it is needed: most starts find all in place.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`Setting up failed: ${command} ${args.join(' ')} ended with ${status}.`);
    process.exit(1);
  }
}

export { program };

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
