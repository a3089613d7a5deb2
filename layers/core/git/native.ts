import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from '#core/runtime/environment.ts';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';

/** A repository of our own making, in which git is to look at nothing else. */
export interface OwnRepository {
  /** What holds `objects`, `refs` and `HEAD`. */
  folder: string;
  /** Where its files are checked out; absent for a bare one. */
  files?: string;
}

export interface NativeGitOptions {
  /** Absent where the command names one itself, as `git upload-pack` does, or needs none. */
  repository?: OwnRepository;
  /** Fed to standard input. */
  input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  environment?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Exit codes that are answers rather than failures. */
  accept?: readonly number[];
}

/**
 * Keeps git from running whatever a repository's configuration names. Each is a setting by which a file in a repository
 * starts a program (git-config); commands that would run filters or pagers are not used in foreign repositories.
 */
const nothingIsRun = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // Run by receive-pack to list the refs of repositories whose objects the target borrows.
  'core.alternateRefsCommand=true',
  // Cleaning up may run gc.recentObjectsHook.
  'receive.autoGc=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // updateInstead checks files out, by the filters of the target's configuration.
  'receive.denyCurrentBranch=refuse',
].flatMap((setting) => ['-c', setting]);

/**
 * Starts the git binary: never through a shell, with hooks off, deaf to the caller's repository and to prompts, and
 * without any way to fetch something from elsewhere. In a repository of our own it reads no configuration but that one.
 */
export function spawnGit(args: readonly string[], options: NativeGitOptions = {}): ChildProcessWithoutNullStreams {
  const { repository, environment, signal } = options;
  const own = repository ? ownRepository(repository) : {};
  return spawn('git', [...nothingIsRun, '--no-pager', ...args], {
    stdio: 'pipe',
    ...(repository ? { cwd: repository.files ?? repository.folder } : {}),
    ...(signal ? { signal } : {}),
    env: childEnvironment(
      {
        GIT_TERMINAL_PROMPT: '0',
        GIT_ASKPASS: '',
        // Objects that are missing are not fetched: neither by a git that knows the first, nor by an older one, to
        // which the second leaves no protocol. It outweighs what a configuration allows.
        GIT_NO_LAZY_FETCH: '1',
        GIT_ALLOW_PROTOCOL: 'none',
        LC_ALL: 'C',
        ...own,
        ...environment,
      },
      { userConfiguration: repository === undefined },
    ),
  });
}

/** Names the repository by every way in which git could be led to another one. */
function ownRepository({ folder, files }: OwnRepository): Record<string, string> {
  return {
    GIT_DIR: folder,
    // Else a file called commondir in the repository would name the place of its configuration.
    GIT_COMMON_DIR: folder,
    ...(files === undefined ? {} : { GIT_WORK_TREE: files }),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
  };
}

export interface GitResult {
  output: Buffer;
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
  const said = mask(errors.toString().trim().slice(-1000));
  if (code !== 0 && !(options.accept ?? []).includes(code))
    throw new HoldfastError('ToolMissing', `git ${args[0] ?? ''} failed with ${code}: ${said}`);
  return { output, errors: said, code };
}

/** The version of the git binary, or nothing where there is none. */
export async function nativeGitVersion(): Promise<string | undefined> {
  try {
    const { output } = await runGit(['--version']);
    return /\d+(\.\d+)+/.exec(output.toString())?.[0];
  } catch {
    return undefined;
  }
}

/** Resolves to the exit code once the process has ended and its streams are closed. */
export function exitOf(child: ChildProcessWithoutNullStreams, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      // Ended by the signal that it was given: the reason is why.
      if (error.cause instanceof HoldfastError) {
        reject(error.cause);
        return;
      }
      reject(
        systemCode(error) === 'ENOENT'
          ? new HoldfastError('ToolMissing', 'git is not installed on this machine', {
              advice: 'Install git, or put it on the PATH.',
            })
          : new HoldfastError('ToolMissing', `git ${what} could not run: ${messageOf(error)}`, { cause: error }),
      );
    });
    child.once('close', (code, signal) => {
      // Ctrl-C reaches every program of the terminal, and other requests to stop all of a service, so git may hear of
      // them before we do.
      if (signal === 'SIGINT' || signal === 'SIGTERM')
        reject(new HoldfastError('Interrupted', `git ${what} was ended by ${signal}`));
      else if (signal !== null) reject(new HoldfastError('ToolMissing', `git ${what} was ended by ${signal}`));
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
    const done = (): void => {
      child.stdin.off('drain', done).off('close', done);
      resolve();
    };
    child.stdin.once('drain', done).once('close', done);
  });
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
