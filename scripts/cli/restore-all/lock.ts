import { createHash, randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import * as v from 'valibot';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import { isAlive } from '#core/runtime/is-alive.ts';

const holderSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ pid: v.number(), host: v.string(), started: v.string() }),
);

/** How often a lock that is given up just now is tried for again. */
const attempts = 5;

/**
 * Keeps two restores from filling the same target at once, from one folder, where their journals are too. What a process left
 * that ended is taken over; of another machine it cannot be known whether it runs.
 * @param target what is filled: `github:acme`
 * @returns what gives the lock up
 * @throws {HoldfastError} Busy
 */
export async function lockTarget(folder: string, target: string): Promise<() => Promise<void>> {
  const digest = createHash('sha256').update(target.toLowerCase()).digest('hex').slice(0, 12);
  const file = path.join(folder, `holdfast-restore-${digest}.lock`);
  const own = JSON.stringify({ pid: process.pid, host: hostname(), started: new Date().toISOString() });
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      await writeFile(file, own, { flag: 'wx' });
      return async () => rm(file, { force: true });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
      return undefined;
    });
    if (text === undefined) continue;
    const holder = v.safeParse(holderSchema, text);
    if (!holder.success || holder.output.host !== hostname() || isAlive(holder.output.pid))
      throw busy(file, target, holder.success ? holder.output : undefined);
    await takeAway(file, text);
  }
  throw busy(file, target, undefined);
}

/** Only what was read: another process may have taken it over meanwhile, and its lock is put back. */
async function takeAway(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function busy(file: string, target: string, holder: { pid: number; host: string; started: string } | undefined) {
  const who = holder ? `, process ${holder.pid} on ${holder.host} since ${holder.started}` : '';
  return new HoldfastError('Busy', `another restore into ${target} is under way${who}`, {
    advice: `Wait for it. If you are certain that it has ended, delete ${file}.`,
  });
}
