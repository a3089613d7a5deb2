import fs from 'node:fs';
import type * as IsomorphicGit from 'isomorphic-git';
import { whyJavascriptFailed } from '#core/git/javascript-git.ts';
import { runGit } from '#core/git/native.ts';
import type { ObjectFormat } from '#core/git/object-format.ts';
import type { Indexer } from '#core/git/pack-index.ts';
import { linesOfBytes, type Head, type Refs } from '#core/git/refs.ts';
import { referencesOf } from '#core/git/references.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { compareRefs } from './compare.ts';
import type { RepositoryContent } from './content.ts';
import { refsIn } from './mirror-files.ts';

/**
 * Proves that a built mirror is the repository that the snapshot speaks of: its refs and its HEAD are those of the
 * manifest, and every object that they reach is there. Its packs were hashed object by object when they were indexed.
 * @returns how many objects were walked
 * @throws {HoldfastError} Damaged
 */
export async function proveMirror(folder: string, content: RepositoryContent, indexer: Indexer): Promise<number> {
  const { refs, head } = await refsIn(folder);
  const native = indexer === 'native';
  compareRefs(restored, native ? await refsByGit(folder) : refs, content.refs);
  const expected = headText(content.head);
  if (expected !== undefined && head !== expected)
    throw new HoldfastError('Damaged', `${restored} has HEAD at ${head} instead of ${expected}`);
  const tips = new Set(content.refs.values());
  if (content.head.type === 'detached') tips.add(content.head.oid);
  return native ? walkByGit(folder, tips) : walkInJavascript(folder, tips, content.objectFormat);
}

const restored = 'the restored repository';

/** What stands in the file; undefined where the server did not tell. */
function headText(head: Head): string | undefined {
  if (head.type === 'absent') return undefined;
  return head.type === 'detached' ? head.oid : `ref: ${head.ref}`;
}

async function refsByGit(folder: string): Promise<Refs> {
  const { output } = await runGit(['for-each-ref', '--format=%(objectname) %(refname)'], { repository: { folder } });
  const lines = linesOfBytes(output).filter(Boolean);
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

async function walkByGit(folder: string, tips: ReadonlySet<string>): Promise<number> {
  if (tips.size === 0) return 0;
  const { code, output, errors } = await runGit(['rev-list', '--objects', '--stdin', '--count'], {
    repository: { folder },
    input: [Buffer.from(`${[...tips].join('\n')}\n`)],
    // A commit that another replaces (git-replace) must be there, too.
    environment: { GIT_NO_REPLACE_OBJECTS: '1' },
    accept: [1, 128],
  });
  if (code !== 0) throw new HoldfastError('Damaged', `${restored} is not whole: git says: ${errors}`);
  return Number(output.toString().trim());
}

async function walkInJavascript(folder: string, tips: ReadonlySet<string>, format: ObjectFormat): Promise<number> {
  const { default: git } = await import('isomorphic-git');
  const repository = { fs, dir: folder, gitdir: folder, cache: {} };
  const seen = new Set<string>();
  const pending = [...tips];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    pending.push(...(await referredBy(git, repository, oid, format)));
  }
  return seen.size;
}

async function referredBy(
  git: Pick<typeof IsomorphicGit, 'readObject'>,
  repository: { fs: typeof fs; dir: string; gitdir: string; cache: object },
  oid: string,
  format: ObjectFormat,
): Promise<string[]> {
  try {
    // Unparsed, since isomorphic-git refuses much that git takes. Deprecated in favour of calls that parse.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const read = await git.readObject({ ...repository, oid, format: 'content' });
    if (read.format !== 'content') return [];
    return referencesOf(read.type, Buffer.from(read.object), format);
  } catch (error) {
    throw new HoldfastError('Damaged', `${restored} is not whole: object ${oid}: ${whyJavascriptFailed(error)}`, {
      cause: error,
    });
  }
}
