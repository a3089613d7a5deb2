import { listFiles } from '#core/repositories/browse/files.ts';
import { resolveRevision } from '#core/repositories/browse/revision.ts';
import { withMirror } from '#core/repositories/browse/with-mirror.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { assetsOf } from '../../assets.ts';
import { refuseFileSystem, refuseForeignOptions } from '../../browsing-scope.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count, formatBytes } from '../../format.ts';
import { table } from '../../table.ts';
import { pathInTree } from '../../path-in-tree.ts';
import type { LsFlags } from './command.ts';

export async function ls(context: Context, flags: LsFlags, typed: string, path = ''): Promise<number> {
  refuseFileSystem('ls', typed);
  const { vault, output, signal } = context;
  const catalogue = new Catalogue(vault);
  const { item, snapshot } = findSnapshot(await findItem(catalogue, typed), flags.snapshot);
  const found = await catalogue.snapshot(item, snapshot);
  refuseForeignOptions(context.given, found.content.git !== undefined);
  if (!found.content.git) {
    const assets = assetsOf(found).filter(({ name }) => path === '' || name === path);
    for (const { name, bytes, sha256 } of assets) {
      output.event('asset', { snapshot, name, bytes, sha256 });
      output.result(`${formatBytes(bytes).padStart(9)}  ${name}`);
    }
    return exitCode.well;
  }
  const at = pathInTree(path);
  const content = await repositoryContent(catalogue, item, snapshot);
  const progress = output.progress(1);
  const options = { signal, onProgress: (bytes: number) => progress.update(found.manifest.item.name, bytes) };
  const { commit, entries } = await withMirror(vault, content, options, async (folder) => {
    const commit = await resolveRevision(folder, content, flags.ref);
    return { commit, entries: await listFiles(folder, commit, at, flags.recursive) };
  }).finally(() => progress.stop());
  for (const entry of entries) output.event('file', { snapshot, commit, ...entry });
  const rows = entries.map(({ type, path: name, bytes }) => [
    bytes === undefined ? type : formatBytes(bytes),
    type === 'folder' ? `${name}/` : name,
  ]);
  for (const line of table(rows)) output.result(line);
  output.line(`${count(entries.length, 'entry', 'entries')} in commit ${commit.slice(0, 12)}, snapshot ${snapshot}`);
  return exitCode.well;
}
