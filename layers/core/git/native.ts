import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from '#core/runtime/environment.ts';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';

export interface NativeGitOptions {
  /** The repository, or the folder in which to work. */
  cwd?: string;
  /** Fed to standard input. */
  input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  environment?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Exit codes that are answers rather than failures. */
  accept?: readonly number[];
}

/**
 * Starts the git binary: never through a shell, deaf to the caller's repository and to prompts, with hooks off.
 */
export function spawnGit(args: readonly string[], options: NativeGitOptions = {}): ChildProcessWithoutNullStreams {
  return spawn('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
    stdio: 'pipe',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal ? { signal: options.signal } : {}),
    env: childEnvironment({ GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', LC_ALL: 'C', ...options.environment }),
  });
}

export interface GitResult {
  output: string;
  /** The end of what it printed on standard error. */
  errors: string;
  code: number;
}

/** Runs git to its end and gives what it printed. @throws {HoldfastError} ToolMissing with git's own words */
export async function runGit(args: readonly string[], options: NativeGitOptions = {}): Promise<GitResult> {
  const child = spawnGit(args, options);
  const ended = exitOf(child, args[0] ?? 'git');
  const [output, errors, , code] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    feed(child, options.input),
    ended,
  ]);
  const said = mask(errors.trim().slice(-1000));
  if (code !== 0 && !(options.accept ?? []).includes(code))
    throw new HoldfastError('ToolMissing', `git ${args[0] ?? ''} failed with ${code}: ${said}`);
  return { output, errors: said, code };
}

/** The version of the git binary, or nothing where there is none. */
export async function nativeGitVersion(): Promise<string | undefined> {
  try {
    const { output } = await runGit(['--version']);
    return /\d+(\.\d+)+/.exec(output)?.[0];
  } catch {
    return undefined;
  }
}

/** Resolves to the exit code once the process has ended and its streams are closed. */
export function exitOf(child: ChildProcessWithoutNullStreams, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        systemCode(error) === 'ENOENT'
          ? new HoldfastError('ToolMissing', 'there is no git on this machine', {
              advice: 'Install git, or put it on the PATH.',
            })
          : new HoldfastError('ToolMissing', `git ${what} could not run: ${messageOf(error)}`, { cause: error }),
      ),
    );
    child.once('close', (code, signal) => {
      if (signal !== null) reject(new HoldfastError('ToolMissing', `git ${what} was ended by ${signal}`));
      else resolve(code ?? 0);
    });
  });
}

/** Writes the input and closes it, at the pace at which the child reads. */
export async function feed(child: ChildProcessWithoutNullStreams, input: NativeGitOptions['input']): Promise<void> {
  // git says itself why it stopped reading; a broken pipe adds nothing to that.
  child.stdin.on('error', () => undefined);
  try {
    for await (const chunk of input ?? []) {
      if (child.stdin.destroyed || child.exitCode !== null) break;
      if (!child.stdin.write(chunk)) await drained(child);
    }
  } catch (error) {
    // The input broke off: git must not take what came for all of it, nor wait for more.
    child.kill();
    throw error;
  }
  child.stdin.end();
}

function drained(child: ChildProcessWithoutNullStreams): Promise<void> {
  return new Promise((resolve) => {
    child.stdin.once('drain', resolve);
    child.stdin.once('close', resolve);
  });
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
