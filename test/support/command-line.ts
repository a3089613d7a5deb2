import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../scripts/cli/launch.mjs', import.meta.url));

export interface CommandLineOptions {
  cwd?: string;
  /** Added to an environment that holds nothing of the caller's but the PATH. */
  env?: Record<string, string>;
  input?: string;
}

export interface CommandLineResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the real program as a user would. */
export function startHoldfast(
  args: readonly string[],
  { cwd, env }: CommandLineOptions = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [launcher, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
  });
}

/** Runs the real program to its end. */
export async function holdfast(args: readonly string[], options: CommandLineOptions = {}): Promise<CommandLineResult> {
  const child = startHoldfast(args, options);
  const output = collect(child);
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output() };
}

/** Gathers what a started program prints. */
export function collect(child: ChildProcessWithoutNullStreams): () => { stdout: string; stderr: string } {
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  return () => printed;
}

/** The events that `--json` printed; fails on a line that is not one JSON object. */
export function events(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new Error(`not an object: ${line}`);
      return { ...value };
    });
}
