import { changedFiles, listFiles, readFileOf, type FileChange } from '#core/repositories/browse/files.ts';
import { refChanges, type RefChange } from '#core/repositories/browse/ref-changes.ts';
import { resolveRevision } from '#core/repositories/browse/revision.ts';
import { withMirror } from '#core/repositories/browse/with-mirror.ts';
import { contentIn, type RepositoryContent } from '#core/repositories/restore/content.ts';
import type { CatFlags } from '../../commands/cat/options.ts';
import type { DiffFlags } from '../../commands/diff/options.ts';
import type { DiffEvent } from '../../commands/diff/events.ts';
import type { LsFlags } from '../../commands/ls/options.ts';
import type { LsEvent } from '../../commands/ls/events.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes } from '../../format.ts';
import { pathInTree } from '../../path-in-tree.ts';
import { printFile } from '../../print-file.ts';
import { table } from '../../table.ts';
import { changeSigns } from '../change-signs.ts';
import type { Shown } from '../kind.ts';

export async function lsRepository(
  { vault, output, signal }: Context,
  flags: LsFlags,
  shown: Shown,
  path: string,
): Promise<number> {
  const at = pathInTree(path);
  const { snapshot, item } = shown.snapshot.manifest;
  const content = contentOf(shown);
  const progress = output.progress(1);
  const options = { signal, onProgress: (bytes: number) => progress.update(item.name, bytes) };
  const { commit, entries } = await withMirror(vault, content, options, async (folder) => {
    const commit = await resolveRevision(folder, content, flags.ref);
    return { commit, entries: await listFiles(folder, commit, at, flags.recursive) };
  }).finally(() => progress.stop());
  for (const entry of entries) output.event<LsEvent>({ event: 'file', snapshot, commit, ...entry });
  const rows = entries.map(({ type, path: name, bytes }) => [
    bytes === undefined ? type : formatBytes(bytes),
    type === 'folder' ? `${name}/` : name,
  ]);
  for (const line of await table(rows)) output.result(line);
  output.line(`${count(entries.length, 'entry', 'entries')} in commit ${commit.slice(0, 12)}, snapshot ${snapshot}`);
  return exitCode.well;
}

export async function catRepository(
  { vault, output, signal }: Context,
  flags: CatFlags,
  shown: Shown,
  path: string,
): Promise<number> {
  const at = pathInTree(path);
  const { snapshot } = shown.snapshot.manifest;
  const content = contentOf(shown);
  await withMirror(vault, content, { signal }, async (folder) => {
    const commit = await resolveRevision(folder, content, flags.ref);
    await printFile(output, { snapshot, commit, path: at }, readFileOf(folder, commit, at));
  });
  return exitCode.well;
}

export async function diffRepository(
  context: Context,
  flags: DiffFlags,
  earlier: Shown,
  later: Shown,
): Promise<number> {
  const { output } = context;
  const [earlierContent, laterContent] = [contentOf(earlier), contentOf(later)];
  const refs = refChanges(earlierContent.refs, laterContent.refs);
  for (const change of refs) output.event<DiffEvent>({ event: 'ref', ...change });
  for (const line of await table(refs.map(describe))) output.result(line);
  const files = flags.files ? await compareFiles(context, earlierContent, laterContent, flags.ref) : undefined;
  for (const change of files ?? []) {
    output.event<DiffEvent>({ event: 'file', ...change });
    output.result(`${changeSigns[change.change]}  ${change.path}`);
  }
  const summary = { refs: refs.length, ...(files ? { files: files.length } : {}) };
  const { snapshot: from } = earlier.snapshot.manifest;
  const { snapshot: to } = later.snapshot.manifest;
  output.event<DiffEvent>({ event: 'total', from, to, ...summary });
  output.line(
    `${count(refs.length, 'ref')}${files ? ` and ${count(files.length, 'file')}` : ''} changed${refs.length === 0 ? '; both snapshots are equal' : ''}`,
  );
  return exitCode.well;
}

function contentOf({ snapshot, typed }: Shown): RepositoryContent {
  return contentIn(snapshot, `${typed} ${snapshot.manifest.snapshot}`);
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
