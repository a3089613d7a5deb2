import { link, open, rename, rm } from 'node:fs/promises';
import { systemCode } from './errors.ts';

/**
 * Gives a finished file its name, never in place of another; its temporary name may stay beside it.
 * @throws {Error} with code EEXIST where the name is taken
 */
export async function nameExclusively(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
    await claimName(temporary, target);
  }
}

/**
 * For file systems without hard links (FAT, some network shares): takes the name by an empty file, which only one
 * can create, and puts the whole one in its place. A process killed between these two calls leaves the empty file.
 */
async function claimName(temporary: string, target: string): Promise<void> {
  await (await open(target, 'wx')).close();
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}
