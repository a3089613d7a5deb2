import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const requirements = path.join(root, 'test', 'support', 'aws', 'requirements.txt');
const environment = path.join(root, '.venv');
const windows = process.platform === 'win32';
const own = path.join(environment, ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
const system = windows ? 'python' : 'python3';

/** The interpreter for tests: what `PYTHON` names, else that of `.venv` where there is one, else the machine's. */
export function python(): string {
  return process.env['PYTHON'] ?? (existsSync(own) ? own : system);
}

/** The version of moto, which the stand-in for AWS is made of, that is wanted, and the one found; undefined where none is. */
export function motoVersions(): { wanted: string; found: string | undefined } {
  const wanted = /==(\S+)/.exec(readFileSync(requirements, 'utf8'))?.[1] ?? '';
  const question = 'from importlib.metadata import version; print(version("moto"))';
  const { status, stdout } = spawnSync(python(), ['-c', question], { encoding: 'utf8' });
  return { wanted, found: status === 0 ? stdout.trim() : undefined };
}

/**
 * Makes `.venv` with what the stand-in for AWS needs, unless the interpreter has it or `PYTHON` names one. A failure is
 * said on standard error and ends nothing: the tests that need the stand-in skip themselves by name.
 */
export function preparePython(): void {
  const { wanted, found } = motoVersions();
  if (found === wanted || process.env['PYTHON'] !== undefined) return;
  say('Installing the stand-in for AWS into .venv …');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  runUntilFailure([
    [system, '-m', 'venv', environment],
    [own, ...install],
  ]);
}

function runUntilFailure(commands: [command: string, ...args: string[]][]): void {
  for (const [command, ...args] of commands) {
    const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
    if (status === 0) continue;
    say(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.`);
    say('The tests that need the stand-in for AWS are skipped.');
    // Half an environment would hide the machine's own interpreter from the next time.
    rmSync(environment, { recursive: true, force: true });
    return;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
