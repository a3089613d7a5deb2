import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { plainEnvironment } from '../measure/environment.ts';

/** Runs git outside of what is measured, and gives what it printed. */
export async function git(args: readonly string[], input: Iterable<Buffer> = []): Promise<string> {
  const child = spawn('git', args, { env: plainEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2000)));
  const ended = once(child, 'close');
  // Where git ends before it has read everything, its status and words say why.
  await pipeline(Readable.from(input), child.stdin).catch(() => undefined);
  const [status] = (await ended) as [number | null];
  if (status !== 0)
    throw new Error(`git ${args.slice(0, 4).join(' ')} ended with ${status ?? 'a signal'}: ${complaint}`);
  return Buffer.concat(printed).toString().trimEnd();
}
