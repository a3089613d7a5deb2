import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import type { Cost } from './cost.ts';
import { keepChild } from './children.ts';
import { chooseMeter } from './meter.ts';
import { PeakSampler } from './peak-sampler.ts';

/** A whole process to be measured. */
export interface Command {
  /** The program and its arguments. */
  line: readonly [string, ...string[]];
  environment: NodeJS.ProcessEnv;
}

const meter = chooseMeter();

/**
 * Runs a command to its end in its own folder and measures it from outside.
 * @throws {Error} with the end of what it printed, where it fails
 */
export async function measureProcess(command: Command, folder: string): Promise<Cost> {
  // Beside the folder, whose content is counted.
  const report = `${folder}.cost`;
  const [program = '', ...args] = [...meter.wrap(report), ...command.line];
  const began = performance.now();
  // A process group of its own, so that all of it can be ended and its memory be found.
  const child = keepChild(
    spawn(program, args, { cwd: folder, env: command.environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
  );
  let printed = '';
  const keep = (text: string): string => (printed = (printed + text).slice(-2000));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = once(child, 'close');
  const sampler = new PeakSampler(child.pid ?? 0);
  const [status] = (await ended) as [number | null];
  const wall = (performance.now() - began) / 1000;
  const sampled = sampler.stop();
  if (status !== 0) throw new Error(`${command.line.join(' ')} ended with ${status ?? 'a signal'}:\n${printed}`);
  const figures = meter.read(await readFile(report, 'utf8'));
  await rm(report);
  return { wall, peak: sampled, ...figures };
}
