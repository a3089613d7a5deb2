import path from 'node:path';
import { HoldfastError } from '#core/runtime/errors.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { buildMirror, chooseIndexer, type BuildOptions } from '../restore/build-mirror.ts';
import type { RepositoryContent } from '../restore/content.ts';

/**
 * Lends a snapshot as a bare repository in a scratch folder, every byte proven on the way. Looking into one file needs
 * all of it, since git stores files as differences to others.
 * @throws {HoldfastError} ToolMissing where there is no git; Damaged
 */
export async function withMirror<T>(
  vault: Vault,
  content: RepositoryContent,
  options: Omit<BuildOptions, 'indexer'>,
  task: (folder: string) => Promise<T>,
): Promise<T> {
  const indexer = await chooseIndexer();
  if (indexer !== 'native')
    throw new HoldfastError(
      'ToolMissing',
      'looking into a snapshot needs git, which is not installed on this machine',
      {
        advice: 'Install git, or restore the snapshot into a folder.',
      },
    );
  return withScratchFolder('browse', async (scratch) => {
    const folder = path.join(scratch, 'mirror.git');
    await buildMirror(vault, content, folder, { ...options, indexer });
    return task(folder);
  });
}
