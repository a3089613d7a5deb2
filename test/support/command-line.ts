import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventsOfVerbs } from '../../scripts/cli/events/all.ts';
import { checkEvent } from './json-events.ts';

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
  if (args.includes('--json')) for (const line of linesOf(output().stdout)) checkEvent(line, verbOf(args));
  return { code, ...output() };
}

/** Gathers what a started program prints. */
export function collect(child: ChildProcessWithoutNullStreams): () => { stdout: string; stderr: string } {
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  return () => printed;
}

/** The events that `--json` printed; fails on a line that is not one JSON object, or that no schema describes. */
export function events(stdout: string, verb?: string): Record<string, unknown>[] {
  const lines = linesOf(stdout);
  for (const line of lines) checkEvent(line, verb);
  return lines;
}

function linesOf(stdout: string): Record<string, unknown>[] {
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

/** Undefined for what only a deployment starts, and for options of the program itself. */
function verbOf([verb]: readonly string[]): string | undefined {
  return eventsOfVerbs.find((one) => one.verb === verb)?.verb;
}
