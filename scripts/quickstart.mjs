/**
 * `npm start`: shows on this very checkout what Holdfast does. Everything happens in folders of this machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { program, setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

setUp();

const scratch = mkdtempSync(path.join(tmpdir(), 'holdfast-quickstart-'));
const restored = path.join(scratch, 'restored');

/** Shows a command as a person would type it, runs it, and ends with it where it fails. */
function step(title, args) {
  console.log(`\n${title}\n$ npx --no-install holdfast ${args.join(' ')}`);
  const began = performance.now();
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' });
  console.log(`(${((performance.now() - began) / 1000).toFixed(1)} s, including start-up)`);
  if (status !== 0) finish(status ?? 1);
}

function finish(status) {
  rmSync(scratch, { recursive: true, force: true });
  process.exit(status);
}

const repository = exampleRepository();
step('1. Back it up into a vault, which is a folder for now.', ['backup', 'git', repository]);
step('2. Drill: prove that the snapshot restores, object by object.', ['drill', repository]);
step('3. Restore it into a new folder.', ['restore', repository, '--to', restored]);

const count = git(['-C', restored, 'rev-list', '--all', '--count'])?.trim();
console.log(`\nThe restored repository holds ${count} commits. It is removed now; the vault stays.`);
console.log('vault/RESTORE.md says how to restore without Holdfast, by git alone.\n');
console.log('What to type next:');
for (const [what, command] of [
  ['what the vault holds', 'holdfast list'],
  ['a repository of yours', 'holdfast backup git https://host/owner/repository'],
  ['a whole account', 'holdfast backup github <owner>        (with GITHUB_TOKEN set)'],
])
  console.log(`  # ${what}\n  npx --no-install ${command}`);
finish(0);

/** This checkout, or a small repository in its place where it has no whole history: a download, a shallow clone. */
function exampleRepository() {
  const whole =
    existsSync(path.join(root, '.git')) &&
    git(['-C', root, 'rev-parse', '--is-shallow-repository'])?.trim() === 'false';
  if (whole) {
    console.log('Holdfast backs up this very checkout: what is committed, with its whole history.');
    return root.replace(/\/$/, '');
  }
  console.log('This checkout has no whole history, so a small repository stands in for it.');
  const example = path.join(scratch, 'example');
  const identity = ['-c', 'user.name=Example', '-c', 'user.email=example@example.invalid'];
  const made =
    git(['init', '-q', example]) !== undefined &&
    git(['-C', example, ...identity, 'commit', '-q', '--allow-empty', '-m', 'Begin']) !== undefined;
  if (!made) {
    console.error('This needs git: install it and run npm start again.');
    finish(1);
  }
  return example;
}

function git(args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}
