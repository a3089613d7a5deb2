import fs from 'node:fs';
import type * as IsomorphicGit from 'isomorphic-git';
import { runGit } from '#core/git/native.ts';
import type { Indexer } from '#core/git/pack-index.ts';
import type { Refs } from '#core/git/refs.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import type { RepositoryContent } from './content.ts';

/**
 * Proves that a built mirror is the repository that the snapshot speaks of: its refs are those of the manifest, and
 * every object that they reach is there. Its packs were hashed object by object when they were indexed.
 * @returns how many commits, or objects, were walked
 * @throws {HoldfastError} Damaged
 */
export async function proveMirror(folder: string, content: RepositoryContent, indexer: Indexer): Promise<number> {
  return indexer === 'native' ? proveNatively(folder, content) : proveInJavascript(folder, content);
}

async function proveNatively(folder: string, { refs, head }: RepositoryContent): Promise<number> {
  const { output } = await runGit(['for-each-ref', '--format=%(objectname) %(refname)'], { cwd: folder });
  const found = new Map(
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
  compareRefs(refs, found);
  const tips = [...new Set([...refs.values(), ...(head.type === 'detached' ? [head.oid] : [])])];
  if (tips.length === 0) return 0;
  const input = [Buffer.from(`${tips.join('\n')}\n`)];
  const walk = ['rev-list', '--objects', '--stdin', '--count'];
  const { code, output: counted, errors } = await runGit(walk, { cwd: folder, input, accept: [1, 128] });
  if (code !== 0) throw new HoldfastError('Damaged', `the restored repository is not whole: git says: ${errors}`);
  return Number(counted.trim());
}

async function proveInJavascript(folder: string, { refs, head }: RepositoryContent): Promise<number> {
  const { default: git } = await import('isomorphic-git');
  const repository = { fs, dir: folder, gitdir: folder, cache: {} };
  const found = new Map<string, string>();
  for (const name of refs.keys()) found.set(name, await git.resolveRef({ ...repository, ref: name }));
  compareRefs(refs, found);
  const seen = new Set<string>();
  const pending = [...refs.values(), ...(head.type === 'detached' ? [head.oid] : [])];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    pending.push(...(await referredBy(git, repository, oid)));
  }
  return seen.size;
}

async function referredBy(
  git: Pick<typeof IsomorphicGit, 'readObject'>,
  repository: { fs: typeof fs; dir: string; gitdir: string; cache: object },
  oid: string,
): Promise<string[]> {
  try {
    // Deprecated in favour of calls that need to know the type beforehand; a tag may be of anything.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const read = await git.readObject({ ...repository, oid, format: 'parsed' });
    if (read.format !== 'parsed') return [];
    switch (read.type) {
      case 'commit':
        return [read.object.tree, ...read.object.parent];
      case 'tree':
        // A submodule's commit lives in another repository.
        return read.object.filter((entry) => entry.type !== 'commit').map((entry) => entry.oid);
      case 'tag':
        return [read.object.object];
      case 'blob':
        return [];
    }
  } catch (error) {
    throw new HoldfastError('Damaged', `the restored repository is not whole: object ${oid}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function compareRefs(expected: Refs, found: Refs): void {
  const wrong = [...expected].find(([name, oid]) => found.get(name) !== oid);
  if (wrong) throw new HoldfastError('Damaged', `${wrong[0]} was not restored to ${wrong[1]}`);
  const extra = [...found.keys()].find((name) => !expected.has(name));
  if (extra !== undefined)
    throw new HoldfastError('Damaged', `${extra} was restored, but the snapshot has no such ref`);
}
