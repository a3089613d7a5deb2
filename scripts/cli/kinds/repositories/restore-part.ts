import { resolveRevision } from '#core/repositories/browse/revision.ts';
import { withMirror } from '#core/repositories/browse/with-mirror.ts';
import { restoreFiles } from '#core/repositories/restore/restore-files.ts';
import { freeTarget } from '#core/repositories/restore/restore-folder.ts';
import { restoreRef } from '#core/repositories/restore/restore-ref.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { RestoreRepositoryEvent } from '../../commands/restore/events.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { openTarget } from '../../open-target.ts';
import { pathInTree } from '../../path-in-tree.ts';
import type { Restored } from './plan-restore.ts';

/** One file or folder of a commit, into a folder. */
export async function restorePath(
  { vault, output, signal }: Context,
  { to, path = '', ref, dryRun }: RestoreFlags & { to: string },
  { address, snapshot, content }: Restored,
): Promise<number> {
  const at = pathInTree(path);
  if (at === '')
    throw new HoldfastError('Usage', '--path names nothing', { advice: 'For all files, give --checkout.' });
  const target = await freeTarget(to);
  const progress = output.progress(1);
  const options = { signal, onProgress: (bytes: number) => progress.update(address, bytes) };
  const commit = await withMirror(vault, content, options, async (mirror) => {
    const found = await resolveRevision(mirror, content, ref);
    if (!dryRun) await restoreFiles(mirror, found, at, to);
    return found;
  }).finally(() => progress.stop());
  output.event<RestoreRepositoryEvent>({
    event: 'restored-path',
    address,
    snapshot,
    commit,
    path: at,
    to: target,
    dryRun,
  });
  const what = `${at} of commit ${commit.slice(0, 12)}`;
  output.line(dryRun ? `would restore ${what} to ${target}; nothing was made` : `${what} restored to ${target}`);
  return exitCode.well;
}

/** One branch or tag, into a repository that lives on, beside what it has. */
export async function restoreOneRef(
  context: Context,
  flags: RestoreFlags & { to: string },
  { address, snapshot, content }: Restored,
): Promise<number> {
  const { vault, output, signal } = context;
  const typed = flags.ref ?? '';
  const from = [typed, `refs/${typed}`, `refs/tags/${typed}`, `refs/heads/${typed}`].find((name) =>
    content.refs.has(name),
  );
  if (from === undefined)
    throw new HoldfastError('NotFound', `${address} has no branch or tag ${JSON.stringify(typed)} in this snapshot`, {
      advice: `holdfast show ${address} --refs --snapshot ${snapshot} lists what it has.`,
    });
  const to = newName(from, flags.as);
  const target = await openTarget(context, flags.to, flags);
  const progress = output.progress(1);
  try {
    const outcome = await restoreRef(vault, content, {
      target: target.transport,
      from,
      to,
      dryRun: flags.dryRun,
      signal,
      onProgress: (bytes) => progress.update(address, bytes),
      onPhase: (phase) => progress.phase(address, phase),
    });
    progress.stop();
    const place = target.transport.address;
    output.event<RestoreRepositoryEvent>({
      event: 'restored-ref',
      address,
      snapshot,
      from,
      as: to,
      to: place,
      outcome,
      dryRun: flags.dryRun,
    });
    if (outcome === 'there') output.line(`${place} has ${to} already, as it was stored`);
    else if (flags.dryRun) output.line(`would make ${to} at ${place}, of ${from}; nothing was sent`);
    else output.line(`${from} restored to ${place} as ${to}`);
    return exitCode.well;
  } finally {
    progress.stop();
    target.close();
  }
}

/** Beside the branches and tags of the target, unless a name is given. */
function newName(from: string, as: string | undefined): string {
  if (as?.startsWith('refs/') === true) return as;
  const [, space = 'heads', name = from] = /^refs\/(heads|tags)\/(.+)$/.exec(from) ?? [];
  return `refs/${space}/${as ?? `restored/${name}`}`;
}
