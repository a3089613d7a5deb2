/**
 * `npm run first-snapshot`: how long it takes on an empty machine, and how many commands, from nothing to a first snapshot
 * that is proven to restore. Everything is fetched again: home folder, npm's cache and checkout are new folders.
 * Usage: node scripts/first-snapshot.mjs [address to clone; without it, this checkout]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const address = process.argv[2] ?? root;
const place = mkdtempSync(path.join(tmpdir(), 'holdfast-first-snapshot-'));
const home = path.join(place, 'home');
const checkout = path.join(place, 'holdfast');
mkdirSync(home);

/** What a person types, and what it takes. */
const steps = [
  [`git clone ${address} holdfast && cd holdfast`, place, 'git', ['clone', '--quiet', address, checkout]],
  ['npm start', checkout, 'npm', ['start', '--silent']],
];

const { PATH, https_proxy, http_proxy, no_proxy, npm_config_registry } = process.env;
const proxies = { https_proxy, http_proxy, no_proxy, npm_config_registry };
const env = Object.fromEntries(
  Object.entries({ PATH, HOME: home, npm_config_cache: path.join(home, 'npm'), ...proxies }).filter(
    ([, value]) => value,
  ),
);
let seconds = 0;
try {
  for (const [typed, cwd, command, args] of steps) {
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
    const took = (performance.now() - began) / 1000;
    seconds += took;
    if (status !== 0) {
      console.error(`${typed} ended with ${status}:\n${stdout}${stderr}`);
      process.exitCode = 1;
      break;
    }
    console.log(`${took.toFixed(1).padStart(7)} s  ${typed}`);
    if (command === 'npm' && !/all restore/.test(stdout)) {
      console.error(`${typed} proved no snapshot:\n${stdout}`);
      process.exitCode = 1;
    }
  }
  if (process.exitCode === undefined)
    console.log(
      `${steps.length} commands, ${(seconds / 60).toFixed(1)} minutes, to a snapshot that is proven to restore, and restored.`,
    );
} finally {
  rmSync(place, { recursive: true, force: true });
}
