import { runGit } from '#core/git/native.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { RepositoryContent } from '../restore/content.ts';

/** Where short names are looked for, as git does (gitrevisions). */
const places = ['', 'refs/', 'refs/tags/', 'refs/heads/'];

/**
 * The commit that a person means: a branch, a tag, another ref, or the beginning of a commit's id; without one HEAD.
 * @param folder the snapshot as a bare repository
 * @returns the whole id of the commit
 * @throws {HoldfastError} NotFound; Usage where an id is not unique
 */
export async function resolveRevision(
  folder: string,
  { refs, head, snapshot }: Pick<RepositoryContent, 'refs' | 'head' | 'snapshot'>,
  typed: string | undefined,
): Promise<string> {
  const named = typed === undefined ? headOid(refs, head) : refNamed(refs, typed);
  const id = named ?? (typed !== undefined && /^[0-9a-f]{4,64}$/i.test(typed) ? typed : undefined);
  const found = id === undefined ? undefined : await commitOf(folder, id);
  if (found !== undefined) return found;
  const branches = [...refs.keys()].filter((name) => name.startsWith('refs/heads/')).map((name) => name.slice(11));
  throw new HoldfastError(
    'NotFound',
    typed === undefined
      ? `HEAD of ${snapshot.manifest.item.name} has no commit`
      : `${snapshot.manifest.item.name} has no ref or commit ${JSON.stringify(typed)} in this snapshot`,
    { advice: branches.length === 0 ? undefined : `Its branches are ${branches.slice(0, 10).join(', ')}.` },
  );
}

function headOid(refs: RepositoryContent['refs'], head: RepositoryContent['head']): string | undefined {
  switch (head.type) {
    case 'branch':
      return refs.get(head.ref) ?? head.oid;
    case 'detached':
      return head.oid;
    default:
      return undefined;
  }
}

function refNamed(refs: RepositoryContent['refs'], typed: string): string | undefined {
  for (const place of places) {
    const oid = refs.get(`${place}${typed}`);
    if (oid !== undefined) return oid;
  }
  return undefined;
}

/** The commit to which an id of a commit or a tag leads; undefined where there is none. */
async function commitOf(folder: string, id: string): Promise<string | undefined> {
  const { code, output, errors } = await runGit(['rev-parse', '--verify', '--end-of-options', `${id}^{commit}`], {
    repository: { folder },
    accept: [1, 128],
  });
  if (code === 0) return output.toString('utf8').trim();
  if (/ambiguous/.test(errors)) throw new HoldfastError('Usage', `more than one object begins with ${id}`);
  return undefined;
}
