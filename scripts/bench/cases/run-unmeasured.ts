import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { measureProcess, type Command } from '../measure/measure-process.ts';

/** Runs a command whose cost does not matter. */
export async function runUnmeasured(folder: string, command: Command): Promise<void> {
  await mkdir(join(folder, 'tmp'), { recursive: true });
  await measureProcess(command, folder);
}
