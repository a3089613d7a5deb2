import { HoldfastError } from '#core/runtime/errors.ts';
import type { FileSystem, Mounts } from './mounts.ts';

/**
 * Sees to it that a folder is the mount of this very file system. Where another is, or none could be mounted, nothing
 * goes on: an empty folder in place of a source looks like a source that was emptied.
 * @throws {HoldfastError} MountFailed
 */
export async function ensureMounted(
  mounts: Mounts,
  fileSystem: FileSystem,
  folder: string,
  options: { readOnly: boolean },
): Promise<void> {
  const { id } = fileSystem;
  if ((await mounts.fileSystemAt(folder)) === undefined) await mounts.mount(fileSystem, folder, options);
  const found = await mounts.fileSystemAt(folder);
  if (found === id) return;
  throw new HoldfastError(
    'MountFailed',
    found === undefined ? `${folder} is not the mount of ${id}` : `${folder} is the mount of ${found}, not of ${id}`,
    { advice: 'Nothing was read or written. Check what is mounted on the instance, and start the task again.' },
  );
}
