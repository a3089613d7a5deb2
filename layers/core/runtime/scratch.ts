import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { HoldfastError, messageOf, systemCode } from './errors.ts';
import { isAlive } from './is-alive.ts';

/** Names of processes mean nothing on another machine that shares the folder, nor in another container. */
const host = hostname().replace(/[^A-Za-z0-9.-]/g, '_');

/** The folders in use. Process-wide on purpose: a process that exits in the middle of a task must know them all. */
const inUse = new Set<string>();

/**
 * Lends a folder under the system's temporary folder that no other user can read, for as long as the task runs.
 * It is removed whatever becomes of the task, also when the process exits meanwhile.
 * @param name what the task is, so that a person who finds the folder knows whose it is
 */
export async function withScratchFolder<T>(name: string, task: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeFolder(name);
  if (inUse.size === 0) process.on('exit', removeAll);
  inUse.add(folder);
  try {
    return await task(folder);
  } catch (error) {
    throw isFull(error) ? noSpace(path.dirname(folder), error) : error;
  } finally {
    // One that resists now is tried again when the process exits; what the task achieved is not undone by it.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).then(
      () => inUse.delete(folder),
      () => false,
    );
    if (inUse.size === 0) process.off('exit', removeAll);
  }
}

async function makeFolder(name: string): Promise<string> {
  const parent = tmpdir();
  try {
    // mkdtemp gives mode 0700.
    return await mkdtemp(path.join(parent, `holdfast-${name}-${process.pid}-${host}-`));
  } catch (error) {
    if (isFull(error)) throw noSpace(parent, error);
    throw new HoldfastError('StorageFailed', `no temporary folder can be made in ${parent}: ${messageOf(error)}`, {
      cause: error,
      advice: 'Name a folder that may be written to in TMPDIR.',
    });
  }
}

function removeAll(): void {
  for (const folder of inUse) rmSync(folder, { recursive: true, force: true });
}

function isFull(error: unknown): boolean {
  return !(error instanceof HoldfastError) && ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
}

function noSpace(parent: string, cause: unknown): HoldfastError {
  return new HoldfastError('StorageFailed', `no space left in the temporary folder ${parent}`, {
    cause,
    advice:
      'Free space there, or name a folder on a larger disk in TMPDIR. The default format, bundle, needs no temporary space.',
  });
}

/**
 * Removes what killed processes of this machine left behind: folders whose process is gone. A Lambda's temporary
 * folder outlives a function that ran out of memory. What cannot be removed is another user's, and stays.
 */
export async function clearScratch(): Promise<void> {
  const parent = tmpdir();
  for (const name of await readdir(parent)) {
    const [, pidText, owner] = /^holdfast-[a-z]+-(\d+)-(?:(.+)-)?[^-]+$/.exec(name) ?? [];
    const pid = Number(pidText ?? NaN);
    const folder = path.join(parent, name);
    if (Number.isNaN(pid) || inUse.has(folder) || (pid !== process.pid && isAlive(pid))) continue;
    // Folders of earlier versions name no machine.
    if (owner !== undefined && owner !== host) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
