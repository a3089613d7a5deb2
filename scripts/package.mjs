/**
 * What `npm pack` calls around it: `before` builds the bundled program and leaves of package.json what its users need,
 * `after` puts the whole one back. All libraries are in the bundle, so an installation gets none of them again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = path.join(root, 'package.json');
const whole = path.join(root, 'dist', 'package.whole.json');

/** Also what an earlier `npm pack` left that was killed. */
function restore() {
  if (existsSync(whole)) renameSync(whole, manifest);
}

restore();
if (process.argv[2] === 'before') {
  for (const step of [['scripts/setup.mjs'], ['--import', 'tsx', 'scripts/build.ts', '--file']]) {
    // What it prints must not mix with `npm pack --json`.
    const { status } = spawnSync(process.execPath, step, { cwd: root, stdio: ['ignore', 2, 2] });
    if (status !== 0) process.exit(1);
  }
  const text = readFileSync(manifest, 'utf8');
  const { name, version, description, license, repository, type, engines, bin, files } = JSON.parse(text);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  const published = { name, version, description, license, repository, type, engines, bin, files };
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
}
