import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { HoldfastError, interrupted, throwIfInterrupted } from '#core/runtime/errors.ts';
import { printableName } from './names.ts';
import type { Answers, Job, Reply } from './thread-jobs.ts';
import { threadProgram } from './thread-program.ts';

/** Threads that read and link while the main thread keeps the books. */
export interface Threads {
  readonly size: number;
  /** @throws {HoldfastError} StorageFailed; Interrupted when the signal fires, whatever the job has come to */
  run<Kind extends Job['kind']>(job: Extract<Job, { kind: Kind }>): Promise<Answers[Kind]>;
}

/** The text of the program, and what TypeScript's compilers may have put into it. */
const program = `const __name = (value) => value;
const { parentPort } = require('node:worker_threads');
(${threadProgram.toString()})(require('node:fs'), require('node:crypto'), parentPort);`;

interface Waiting {
  job: Job;
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

/** A call that takes longer, in milliseconds, waited for a network: a local disk answers in a tenth of that. */
const slowCallMs = 0.25;

/**
 * Lends threads to a task, and ends them with it. It begins with one for each processor, and takes another whenever
 * one was seen to wait: on a local disk more of them only get into each other's way, and on a network each of them
 * hides another's waiting.
 * @param size the most threads
 */
export async function withThreads<T>(
  size: number,
  signal: AbortSignal,
  task: (threads: Threads) => Promise<T>,
): Promise<T> {
  throwIfInterrupted(signal);
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const all: Worker[] = [];
  const busy = new Map<Worker, Waiting>();

  let wanted = Math.min(size, availableParallelism());
  const fail = (error: Error): void => {
    for (const { reject } of [...busy.values(), ...queue.splice(0)]) reject(error);
    busy.clear();
  };
  const next = (): void => {
    while (queue.length > 0) {
      const worker = idle.pop() ?? (all.length < wanted ? start() : undefined);
      if (worker === undefined) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      busy.set(worker, waiting);
      worker.postMessage(waiting.job);
    }
  };
  const start = (): Worker => {
    // Only what the thread has in hand is in its memory: one folder's names at most.
    const worker = new Worker(program, { eval: true, execArgv: [] });
    all.push(worker);
    worker.on('message', (reply: Reply) => {
      const waiting = busy.get(worker);
      busy.delete(worker);
      idle.push(worker);
      if (reply.took > slowCallMs * reply.calls) wanted = Math.min(size, wanted + 1);
      if ('problem' in reply) waiting?.reject(problemOf(reply.problem));
      // What our own thread says needs no schema; the job's kind tells its form.
      else waiting?.resolve(reply.answer as never);
      next();
    });
    worker.on('error', (error) =>
      fail(
        new HoldfastError(
          'StorageFailed',
          `a thread failed: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        ),
      ),
    );
    return worker;
  };
  const onAbort = (): void => fail(interrupted(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await task({
      size,
      run: (job) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) {
            reject(interrupted(signal));
            return;
          }
          queue.push({ job, resolve, reject });
          next();
        }),
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await Promise.all(all.map((worker) => worker.terminate()));
  }
}

function problemOf({ code, message, path }: Extract<Reply, { problem: unknown }>['problem']): HoldfastError {
  const where = path.length > 0 ? ` (in ${printableName(path)})` : '';
  const advice: Record<string, string> = {
    ENOSPC: 'Free space in the vault, or keep fewer snapshots.',
    EDQUOT: 'Raise the quota, or keep fewer snapshots.',
    EACCES: 'The program must run as root, and the policy of the file system must allow root access.',
    ESTALE: 'The file system was replaced under its mount; run the task again.',
    ENAMETOOLONG: 'A path may be at most 4,096 bytes long, with the folders in which it is mounted.',
  };
  return new HoldfastError('StorageFailed', `${message}${where}`, { advice: advice[code] });
}
