/**
 * `npm test`: everything that has to hold before a change is taken, cheapest first, and all of it even where an
 * early part fails.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const checks = [
  ['set-up', 'tsx', 'test/support/prepare.ts'],
  ['format', 'prettier', '--check', '--log-level=warn', '.'],
  ['types', 'tsc', '--noEmit'],
  ['lint', 'eslint', '--config', '.eslint.config.mjs', '--max-warnings=0', '.'],
  ['unused code', 'knip', '--config', '.knip.json'],
  // Terraform's take longest, so they begin first, beside all others.
  ['tests', 'mocha', 'test/terraform/*.test.ts', 'test/!(terraform)/**/*.test.ts'],
];

const failed = [];
for (const [name, tool, ...args] of checks) {
  console.log(`\n== ${name}: ${tool} ${args.join(' ')}`);
  // `npx --no` runs what package-lock.json pins, and never fetches anything.
  const { status } = spawnSync('npx', ['--no', '--', tool, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
