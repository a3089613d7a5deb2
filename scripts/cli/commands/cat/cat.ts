import { readFileOf } from '#core/repositories/browse/files.ts';
import { resolveRevision } from '#core/repositories/browse/revision.ts';
import { withMirror } from '#core/repositories/browse/with-mirror.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { readProven } from '#core/vault/read-proven.ts';
import { assetsOf } from '../../assets.ts';
import { refuseFileSystem, refuseForeignOptions } from '../../browsing-scope.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { pathInTree } from '../../path-in-tree.ts';
import { printFile } from '../../print-file.ts';
import type { CatFlags } from './command.ts';

export async function cat(context: Context, flags: CatFlags, typed: string, path: string): Promise<number> {
  refuseFileSystem('cat', typed);
  const { vault, output, signal } = context;
  const catalogue = new Catalogue(vault);
  const { item, snapshot } = findSnapshot(await findItem(catalogue, typed), flags.snapshot);
  const found = await catalogue.snapshot(item, snapshot);
  refuseForeignOptions(context.given, found.content.git !== undefined);
  if (!found.content.git) {
    const asset = assetsOf(found).find(({ name }) => name === path);
    if (!asset) throw new HoldfastError('NotFound', `${typed} has no asset ${JSON.stringify(path)} in ${snapshot}`);
    await printFile(output, { snapshot, path }, readProven(vault, asset));
    return exitCode.well;
  }
  const at = pathInTree(path);
  const content = await repositoryContent(catalogue, item, snapshot);
  await withMirror(vault, content, { signal }, async (folder) => {
    const commit = await resolveRevision(folder, content, flags.ref);
    await printFile(output, { snapshot, commit, path: at }, readFileOf(folder, commit, at));
  });
  return exitCode.well;
}
