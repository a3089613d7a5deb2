import { spawn } from 'node:child_process';
import { childEnvironment } from '#core/runtime/environment.ts';
import { HoldfastError, interrupted, messageOf, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { joinList, splitList } from './names.ts';

/**
 * All that an inode has but its place: links, permissions, times, owner and group by number, devices and fifos, access
 * control lists, extended attributes, holes. Times are compared to the nanosecond: by the second, which is rsync's
 * way, a file that was changed twice in one would be missed.
 */
export const everything = ['-lptgoD', '-AXS', '--numeric-ids', '--modify-window=-1'] as const;

/** Only what is listed; a path that has vanished by then is found to be missing afterwards. */
export const listed = ['--files-from=-', '--from0', '--no-implied-dirs', '--ignore-missing-args'] as const;

export interface RsyncRun {
  options: readonly string[];
  from: string;
  to: string;
  /** Lists of paths for standard input. */
  lists?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  signal: AbortSignal;
  /** Exit codes that are answers here, beside 0 and 24. */
  accept?: readonly number[];
}

export interface RsyncResult {
  code: number;
  /** Regular files that were copied, and their bytes. */
  files: number;
  bytes: number;
  deleted: number;
  /** The end of what it said on standard error. */
  errors: string;
}

/**
 * Runs rsync from one folder to another. Exit code 24, files that vanished before the copy, is not a failure.
 * @throws {HoldfastError} CopyFailed with rsync's own message; Interrupted; ToolMissing
 */
export async function runRsync(run: RsyncRun): Promise<RsyncResult> {
  const { options, from, to, lists, signal, accept = [] } = run;
  throwIfInterrupted(signal);
  const child = spawn('rsync', [...options, '--stats', '--no-human-readable', '--', `${from}/`, `${to}/`], {
    stdio: 'pipe',
    env: childEnvironment({ LC_ALL: 'C' }),
  });
  const output = endOf(child.stdout, 100_000);
  const errors = endOf(child.stderr, 4_000);
  const saidLinkLimit = watchFor(child.stderr, 'Too many links');
  let ending: NodeJS.Timeout | undefined;
  const stop = (): void => {
    // On SIGTERM rsync removes the file that it is writing; one that hangs on a file system does not hear it.
    child.kill();
    ending ??= setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = new Promise<{ code: number | null; by: string | null }>((resolve, reject) => {
      child.once('error', (error) => reject(unstarted(error)));
      child.once('close', (code, by) => resolve({ code, by }));
    });
    // rsync says itself why it stopped reading.
    child.stdin.on('error', () => undefined);
    const [{ code, by }] = await Promise.all([ended, feed(child.stdin, lists ?? [])]);
    if (signal.aborted) throw interrupted(signal);
    if (code === null) throw failed(`was ended by ${by ?? 'a signal'}`, errors());
    if (saidLinkLimit() && code !== 0)
      throw new HoldfastError('CopyFailed', `rsync could not create all hard links of a file: ${errors().trim()}`, {
        advice: 'The target allows fewer hard links to one file than this file has.',
        cause: linkLimitReached,
      });
    if (![0, 24, ...accept].includes(code)) throw failed(`failed with ${code}${meaning(code)}`, errors());
    return { code, ...readStatistics(output()), errors: errors() };
  } finally {
    clearTimeout(ending);
    signal.removeEventListener('abort', stop);
  }
}

const linkLimitReached = new Error('Too many links');

/** Whether rsync failed because the target allows no more hard links to a file. */
export function isLinkLimit(error: unknown): boolean {
  return error instanceof HoldfastError && error.cause === linkLimitReached;
}

async function feed(stdin: NodeJS.WritableStream & { destroyed?: boolean }, lists: RsyncRun['lists']): Promise<void> {
  for await (const list of lists ?? []) {
    // A leading `./` keeps a name from being read as an option (a dash) or as a comment.
    const lines = joinList([...splitList(list)].map((path) => Buffer.concat([Buffer.from('./'), path])));
    if (stdin.destroyed === true) return;
    if (!stdin.write(lines))
      await new Promise<void>((resolve) => {
        const done = (): void => {
          stdin.off('drain', done).off('close', done);
          resolve();
        };
        stdin.once('drain', done).once('close', done);
      });
  }
  stdin.end();
}

/** The numbers of `--stats`, which some versions group by commas or points whatever the options say. */
export function readStatistics(output: string): Pick<RsyncResult, 'files' | 'bytes' | 'deleted'> {
  const number = (label: string): number => {
    const found = new RegExp(`^${label}: ([\\d.,' ]+)`, 'm').exec(output)?.[1];
    return found === undefined ? 0 : Number(found.replaceAll(/\D/g, ''));
  };
  return {
    files: number('Number of (?:regular )?files transferred'),
    bytes: number('Total transferred file size'),
    deleted: number('Number of deleted files'),
  };
}

/** rsync(1), EXIT VALUES, for those that say something to act on. */
function meaning(code: number): string {
  const known: Record<number, string> = {
    11: ', error in file input or output, as when the target is full',
    12: ', its data stream is broken',
    20: ', a signal stopped it',
    23: ', some files could not be copied',
    25: ', it would have deleted more than was allowed',
    30: ', it timed out',
  };
  return known[code] ?? '';
}

function failed(what: string, errors: string): HoldfastError {
  const said = errors.trim();
  return new HoldfastError('CopyFailed', `rsync ${what}: ${said === '' ? 'no message' : said}`, {
    advice: /No space left|Disk quota/.test(said)
      ? 'Free space in the target, or keep fewer snapshots.'
      : 'What was copied is kept, and the next run continues from there.',
  });
}

function unstarted(error: Error): HoldfastError {
  return systemCode(error) === 'ENOENT'
    ? new HoldfastError('ToolMissing', 'rsync is not installed on this machine', { advice: 'Install rsync.' })
    : new HoldfastError('ToolMissing', `rsync could not run: ${messageOf(error)}`, { cause: error });
}

/** Whether a stream said this, however much it said after that. */
function watchFor(stream: NodeJS.ReadableStream, words: string): () => boolean {
  let found = false;
  let before = '';
  stream.on('data', (chunk: string) => {
    found ||= (before + chunk).includes(words);
    before = (before + chunk).slice(-words.length);
  });
  return () => found;
}

function endOf(stream: NodeJS.ReadableStream, limit: number): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-limit)));
  return () => text;
}

/** @throws {HoldfastError} ToolMissing */
export async function rsyncVersion(): Promise<string> {
  const child = spawn('rsync', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const output = endOf(child.stdout, 10_000);
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(unstarted(error)));
    child.once('close', () => resolve());
  });
  return /version (\d[\w.]*)/.exec(output())?.[1] ?? 'unknown';
}
