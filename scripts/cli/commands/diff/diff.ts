import { changedFiles, type FileChange } from '#core/repositories/browse/files.ts';
import { refChanges, type RefChange } from '#core/repositories/browse/ref-changes.ts';
import { resolveRevision } from '#core/repositories/browse/revision.ts';
import { withMirror } from '#core/repositories/browse/with-mirror.ts';
import { repositoryContent, type RepositoryContent } from '#core/repositories/restore/content.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { requireTogether } from '../../applicable.ts';
import { assetsOf } from '../../assets.ts';
import { refuseFileSystem, refuseForeignOptions } from '../../browsing-scope.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot, type FoundItem } from '../../find-item.ts';
import { count } from '../../format.ts';
import { table } from '../../table.ts';
import type { DiffFlags } from './command.ts';

const signs = { added: '+', removed: '-', changed: '~' } as const;

export async function diff(context: Context, flags: DiffFlags, typed: string): Promise<number> {
  const { output } = context;
  refuseFileSystem('diff', typed);
  requireTogether(context.given, 'ref', 'files', 'names the branch or tag whose files are compared');
  const catalogue = new Catalogue(context.vault);
  const item = await findItem(catalogue, typed);
  const to = findSnapshot(item, flags.to);
  const from = flags.from === undefined ? before(item, to) : findSnapshot(item, flags.from);
  output.line(`${item.address}: from ${from.snapshot} to ${to.snapshot}`);
  const later = await catalogue.snapshot(to.item, to.snapshot);
  refuseForeignOptions(context.given, later.content.git !== undefined);
  if (!later.content.git) return compareAssets(context, catalogue, from, to);
  const [earlierContent, laterContent] = await Promise.all([
    repositoryContent(catalogue, from.item, from.snapshot),
    repositoryContent(catalogue, to.item, to.snapshot),
  ]);
  const refs = refChanges(earlierContent.refs, laterContent.refs);
  for (const change of refs) output.event('ref', change);
  for (const line of table(refs.map(describe))) output.result(line);
  const files = flags.files ? await compareFiles(context, earlierContent, laterContent, flags.ref) : undefined;
  for (const change of files ?? []) {
    output.event('file', change);
    output.result(`${signs[change.change]}  ${change.path}`);
  }
  const summary = { refs: refs.length, ...(files ? { files: files.length } : {}) };
  output.event('total', { from: from.snapshot, to: to.snapshot, ...summary });
  output.line(
    `${count(refs.length, 'ref')}${files ? ` and ${count(files.length, 'file')}` : ''} changed${refs.length === 0 ? '; both snapshots are equal' : ''}`,
  );
  return exitCode.well;
}

function before(item: FoundItem, to: SnapshotEntry): SnapshotEntry {
  const earlier = item.snapshots[item.snapshots.indexOf(to) - 1];
  if (earlier) return earlier;
  throw new HoldfastError('NotFound', `${item.address} has no snapshot before ${to.snapshot}`, {
    advice: 'Name two snapshots by --from and --to; holdfast show lists them.',
  });
}

function describe({ ref, from, to }: RefChange): string[] {
  const short = (oid: string | undefined): string => oid?.slice(0, 12) ?? '';
  if (from === undefined) return ['+', ref, short(to)];
  if (to === undefined) return ['-', ref, short(from)];
  return ['~', ref, `${short(from)} → ${short(to)}`];
}

/** Either side may have no commit at all: then every file is added or removed. */
async function compareFiles(
  { vault, signal }: Context,
  earlier: RepositoryContent,
  later: RepositoryContent,
  ref: string | undefined,
): Promise<FileChange[]> {
  return withMirror(vault, earlier, { signal }, (fromFolder) =>
    withMirror(vault, later, { signal }, async (toFolder) =>
      changedFiles(
        { folder: fromFolder, commit: await resolveRevision(fromFolder, earlier, ref) },
        { folder: toFolder, commit: await resolveRevision(toFolder, later, ref) },
      ),
    ),
  );
}

async function compareAssets(
  { output }: Context,
  catalogue: Catalogue,
  from: SnapshotEntry,
  to: SnapshotEntry,
): Promise<number> {
  const [earlier, later] = await Promise.all(
    [from, to].map(async (entry) => {
      const snapshot = await catalogue.snapshot(entry.item, entry.snapshot);
      return new Map(assetsOf(snapshot).map(({ name, sha256 }) => [name, sha256]));
    }),
  );
  const changes = refChanges(earlier ?? new Map(), later ?? new Map());
  for (const { ref: name, from: was, to: is } of changes) {
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    output.event('asset', { change, name });
    output.result(`${signs[change]}  ${name}`);
  }
  output.event('total', { from: from.snapshot, to: to.snapshot, assets: changes.length });
  output.line(`${count(changes.length, 'asset')} changed`);
  return exitCode.well;
}
