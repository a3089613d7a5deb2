import path from 'node:path';
import { LfsApi } from '#core/lfs/lfs-api.ts';
import { gitFolderOf, restoreObjects } from '#core/lfs/restore/restore-objects.ts';
import { uploadObjects } from '#core/lfs/restore/upload-objects.ts';
import { storedObjects } from '#core/lfs/stored-objects.ts';
import { targetError } from '#core/repositories/restore/target-error.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { defaultRetryPolicy } from '#core/runtime/retry.ts';
import { sources } from '#core/sources/table.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { Asset } from '#core/vault/manifest.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable } from '../../applicable.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { RestoreLfsEvent } from '../../commands/restore/events.ts';
import { repositoryTarget } from '../../commands/restore/restore-target.ts';
import { restoreScope } from '../../commands/restore/scope.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count, formatBytes } from '../../format.ts';
import { openTarget } from '../../open-target.ts';

type RestoreLfsFlags = RestoreFlags & { to: string };

interface Found {
  item: string;
  snapshot: string;
  objects: Asset[];
}

/** Brings objects back: to where git-lfs looks for them in a folder, or to a server of Git LFS. */
export async function restoreLfs(context: Context, flags: RestoreLfsFlags, typed: string): Promise<number> {
  const { vault, output, given, signal } = context;
  const { to } = flags;
  const sort = repositoryTarget(to, flags);
  if (sort === 'bundle' || sort === 'codecommit' || sort === 'local')
    throw new HoldfastError('Usage', `objects of Git LFS cannot be restored to ${JSON.stringify(to)}`, {
      advice: 'Name a folder, as that of a restored repository, or the https address of a repository.',
    });
  refuseInapplicable(restoreScope, given, sort === 'folder' ? 'objects-folder' : 'objects-server');
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const item = await findItem(catalogue, typed);
  const entry = findSnapshot(item, flags.snapshot, flags.at);
  const { content } = await catalogue.snapshot(entry.item, entry.snapshot);
  const objects = [...storedObjects(content).values()];
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  output.line(`${item.address}, snapshot ${entry.snapshot}: ${count(objects.length, 'object')}, ${formatBytes(bytes)}`);
  const missing = content.lfs?.missing.length ?? 0;
  if (missing > 0) output.line(`the snapshot is without ${count(missing, 'object')}; holdfast show names them`);
  const found = { item: item.address, snapshot: entry.snapshot, objects };
  if (flags.dryRun) {
    output.event<RestoreLfsEvent>({
      event: 'would-restore',
      address: found.item,
      snapshot: found.snapshot,
      to,
      objects: objects.length,
      bytes,
    });
    output.result(`would restore ${count(objects.length, 'object')} to ${to}; nothing was made`);
    return exitCode.well;
  }
  const progress = output.progress(1, bytes);
  const watch = { signal, onProgress: (read: number) => progress.update(found.item, read) };
  try {
    return await (sort === 'folder' ? toFolder(context, to, found, watch) : toServer(context, flags, found, watch));
  } finally {
    progress.stop();
  }
}

interface Watch {
  signal: AbortSignal;
  onProgress: (bytes: number) => void;
}

async function toFolder({ vault, output }: Context, to: string, found: Found, watch: Watch): Promise<number> {
  try {
    const folder = await gitFolderOf(to);
    const written = await restoreObjects(vault, found.objects, folder, watch);
    output.event<RestoreLfsEvent>({
      event: 'restored',
      address: found.item,
      snapshot: found.snapshot,
      to,
      objects: found.objects.length,
      written,
    });
    output.line(
      `${count(written, 'object')} written to ${path.join(folder, 'lfs', 'objects')}, ${found.objects.length - written} were there; try: git -C ${to} lfs fsck`,
    );
    return exitCode.well;
  } catch (error) {
    throw targetError(path.resolve(to), error);
  }
}

async function toServer(context: Context, flags: RestoreLfsFlags, found: Found, watch: Watch): Promise<number> {
  const { vault, output } = context;
  const { lfs, transport, close } = await openTarget(context, flags.to, flags);
  try {
    if (!lfs) throw new HoldfastError('Usage', `${transport.address} has no server of Git LFS`);
    const api = new LfsApi(lfs);
    const result = await uploadObjects(vault, found.objects, api, defaultRetryPolicy, watch);
    output.event<RestoreLfsEvent>({
      event: 'restored',
      address: found.item,
      snapshot: found.snapshot,
      to: transport.address,
      ...result,
    });
    output.line(`${count(result.uploaded, 'object')} uploaded to ${api.address}, ${result.there} were there`);
    for (const { oid, why } of result.refused) output.result(`${output.paint('red', 'refused')}  ${oid}: ${why}`);
    if (result.refused.length === 0) return exitCode.well;
    return result.uploaded + result.there > 0 ? exitCode.partial : exitCode.failed;
  } finally {
    close();
  }
}
