import { spawn } from 'node:child_process';
import { HoldfastError } from '#core/runtime/errors.ts';

/**
 * Waits until everything that was written to the file system of this folder is on its disks. Node has no syncfs(2);
 * coreutils have. @throws {HoldfastError} StorageFailed
 */
export async function syncFileSystem(folder: string): Promise<void> {
  const child = spawn('sync', ['--file-system', '--', folder], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new HoldfastError('StorageFailed', `what was written to ${folder} could not be synced to disk`, {
      advice: 'The snapshot was not made. Check that the vault is not full, and run the task again.',
    });
}
