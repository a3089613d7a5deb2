import { mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { runGit } from '#core/git/native.ts';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import { syncFolders, syncTree } from '#core/runtime/sync-tree.ts';
import { freeTarget } from './restore-folder.ts';
import { checkoutError, targetError } from './target-error.ts';

/**
 * Writes one file or folder of a commit, under the path that it has there, into a folder that does not exist yet or is
 * empty, and that appears with all of it at once.
 * @param mirror a bare repository of our own making
 * @param at below the top of the tree, without a slash at its ends
 * @throws {HoldfastError} NotFound, TargetNotEmpty
 */
export async function restoreFiles(mirror: string, commit: string, at: string, folder: string): Promise<void> {
  const target = await freeTarget(folder);
  let partial: string | undefined;
  try {
    const firstMade = await mkdir(path.dirname(target), { recursive: true });
    partial = await mkdtemp(`${target}.holdfast-partial-`);
    const files = path.join(partial, 'files');
    await mkdir(files);
    const { code, errors } = await runGit(['checkout', '--quiet', '--no-recurse-submodules', commit, '--', at], {
      repository: { folder: mirror, files },
      environment: { GIT_LITERAL_PATHSPECS: '1', GIT_INDEX_FILE: path.join(partial, 'index') },
      accept: [1, 128],
    });
    if (/did not match any file/.test(errors))
      throw new HoldfastError('NotFound', `there is no ${JSON.stringify(at)} in commit ${commit.slice(0, 12)}`, {
        advice: 'holdfast ls lists what there is.',
      });
    if (code !== 0) throw checkoutError(target, errors);
    await syncTree(files, { many: true });
    await rmdir(target).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    await rename(files, target);
    await syncFolders(path.dirname(target), firstMade);
  } catch (error) {
    throw targetError(target, error);
  } finally {
    if (partial !== undefined) await rm(partial, { recursive: true, force: true });
  }
}
