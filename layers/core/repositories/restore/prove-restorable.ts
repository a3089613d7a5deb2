import path from 'node:path';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { buildMirror, type BuildOptions } from './build-mirror.ts';
import type { RepositoryContent } from './content.ts';
import { proveMirror } from './prove-mirror.ts';

/**
 * Restores a repository into a temporary folder: all of its chain is read back, every object is hashed, every ref
 * compared, and everything that the refs reach is walked. Nothing is left of it afterwards.
 * @returns how many objects were walked
 * @throws {HoldfastError} Damaged; others where it could not be tried
 */
export async function proveRestorable(
  vault: Vault,
  content: RepositoryContent,
  options: BuildOptions,
): Promise<number> {
  return withScratchFolder('drill', async (folder) => {
    const mirror = path.join(folder, 'mirror.git');
    await buildMirror(vault, content, mirror, options);
    options.onPhase?.('checking');
    return proveMirror(mirror, content, options.indexer);
  });
}
