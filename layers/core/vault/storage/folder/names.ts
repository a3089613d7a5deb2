import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '#core/runtime/errors.ts';
import { nameExclusively } from '#core/runtime/exclusive-name.ts';

/** Only its owner reads a vault: what is in it may be private at its source. */
const folderMode = 0o700;
export const fileMode = 0o600;

/** No key has a part that begins with a full stop. */
const stagedBeginning = '.partial-';

/** Whether a file is on its way to its name, or was left there. */
export function isStaged(name: string): boolean {
  return name.startsWith(stagedBeginning);
}

/** @returns the first of the folders that had to be made, if any */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true, mode: folderMode });
  } catch (error) {
    // Where a file system is read-only, Node says of a folder with those above it that it is not there, and the reason
    // only when it makes that one alone.
    const failed = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : folder;
    if (systemCode(error) === 'ENOENT') await mkdir(failed, { mode: folderMode });
    throw error;
  }
}

/** How often a folder is made again that was removed, being empty, before a file gets its name in it. */
const mostTries = 20;

/**
 * Gives a file its name, in a folder that is made for it.
 * @returns the first of the folders that had to be made, if any
 */
export async function named(target: string, give: () => Promise<void>): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    const made = await makeFolder(path.dirname(target));
    try {
      await give();
      return made;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || tries === mostTries) throw error;
    }
  }
}

/** Moves a finished file to its name, never in place of another; its temporary name may stay. */
export function moveTo(temporary: string, target: string): Promise<void> {
  return acrossDisks(temporary, target, nameExclusively);
}

/** Moves a finished file to its name, in place of what is there. */
export function moveOver(temporary: string, target: string): Promise<void> {
  return acrossDisks(temporary, target, rename);
}

/**
 * A folder may be made of several disks (mergerfs), or its parts be counted apart (quotas): then a file gets to its own
 * folder by a copy.
 */
async function acrossDisks(
  temporary: string,
  target: string,
  move: (from: string, to: string) => Promise<void>,
): Promise<void> {
  try {
    await move(temporary, target);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const beside = path.join(path.dirname(target), `${stagedBeginning}${randomUUID()}`);
    try {
      await copyFile(temporary, beside);
      const copy = await open(beside, 'r+');
      await copy.sync().finally(() => copy.close());
      await move(beside, target);
    } finally {
      await rm(beside, { force: true });
    }
    await rm(temporary, { force: true });
  }
}
