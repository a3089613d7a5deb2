import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createMirror } from '#core/git/mirror.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import { unpackArchive } from '../unpack/unpack.ts';
import { compareRefs } from './compare.ts';
import { storedRefs, type RepositoryContent } from './content.ts';
import { refsIn } from './mirror-files.ts';

/**
 * Makes a bare repository from an archive of a mirror. Anyone who can write to a vault can forge an archive, and
 * git believes much of what lies in a repository, up to the names of programs that it runs. So the repository is
 * created new: only packs are taken, checked object by object when they are indexed, and the refs, which must be
 * those of the manifest.
 * @param chunks the archive
 * @param folder where the repository is to be; what an attempt left there that was killed is removed
 * @throws {HoldfastError} Damaged for an archive that holds anything that Holdfast does not put into one
 */
export async function takeMirror(
  chunks: AsyncIterable<Buffer>,
  { key, format }: RepositoryData,
  content: RepositoryContent,
  folder: string,
): Promise<void> {
  const unpacked = `${folder}.unpacked`;
  await rm(folder, { recursive: true, force: true });
  await rm(unpacked, { recursive: true, force: true });
  try {
    await unpackArchive(chunks, format === 'zip' ? 'zip' : 'tar.gz', unpacked);
    const files = await filesIn(unpacked);
    const foreign = files.find((file) => !isTaken(file) && !isMadeAnew(file));
    if (foreign !== undefined) throw refused(key, foreign);
    compareRefs(key, (await refsIn(unpacked)).refs, storedRefs(content));
    await createMirror(folder, content.objectFormat);
    for (const file of files.filter(isPack)) await rename(path.join(unpacked, file), path.join(folder, file));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Below the folder, with slashes. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}

function isTaken(file: string): boolean {
  return file === 'HEAD' || file === 'packed-refs' || file.startsWith('refs/') || isPack(file);
}

function isPack(file: string): boolean {
  return /^objects\/pack\/pack-([0-9a-f]{40}|[0-9a-f]{64})\.pack$/.test(file);
}

/** Files that our archives hold, so that git can read them as they are; here they are made again and never read. */
function isMadeAnew(file: string): boolean {
  return file === 'config' || /^objects\/pack\/pack-([0-9a-f]{40}|[0-9a-f]{64})\.(idx|rev)$/.test(file);
}

function refused(key: string, file: string): HoldfastError {
  return new HoldfastError('Damaged', `${key} is refused: it holds ${JSON.stringify(file.slice(0, 200))}`, {
    advice: 'No backup holds such a file: find out who wrote this archive, and restore another snapshot.',
  });
}
