import { exitOf, runGit, spawnGit } from '#core/git/native.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/** One entry of a folder in a commit. */
export interface FileEntry {
  /** From the top of the tree, with slashes. */
  path: string;
  /** `submodule`: a commit of another repository, which is not in this snapshot. */
  type: 'file' | 'folder' | 'link' | 'submodule';
  executable: boolean;
  oid: string;
  /** Undefined for what is not a file. */
  bytes: number | undefined;
}

/**
 * What a folder, or a file, of a commit holds, in the order of git.
 * @param at below the top of the tree, without a slash at its ends; empty for the top
 * @throws {HoldfastError} NotFound
 */
export async function listFiles(folder: string, commit: string, at: string, recursive: boolean): Promise<FileEntry[]> {
  const type = await typeOf(folder, commit, at);
  // A file is listed by its name in the folder that holds it.
  const above = type === 'tree' ? at : at.split('/').slice(0, -1).join('/');
  const tree = above === '' ? commit : `${commit}:${above}`;
  const { output } = await runGit(['ls-tree', '-z', '-l', ...(recursive ? ['-r'] : []), tree], {
    repository: { folder },
  });
  const entries = output
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => entryOf(line, above));
  return type === 'tree' ? entries : entries.filter(({ path }) => path === at);
}

/**
 * The bytes of a file in a commit; of a link, its target.
 * @throws {HoldfastError} NotFound; Usage for a folder or a submodule
 */
export async function* readFileOf(folder: string, commit: string, at: string): AsyncGenerator<Buffer> {
  const type = await typeOf(folder, commit, at);
  if (type !== 'blob')
    throw new HoldfastError('Usage', `${JSON.stringify(at)} is ${type === 'tree' ? 'a folder' : 'a submodule'}`, {
      advice: type === 'tree' ? 'List it with holdfast ls.' : 'Its files are in their own repository.',
    });
  const child = spawnGit(['cat-file', 'blob', `${commit}:${at}`], { repository: { folder } });
  child.stdin.end();
  child.stderr.resume();
  const ended = exitOf(child, 'cat-file');
  ended.catch(() => undefined);
  for await (const chunk of child.stdout) yield Buffer.from(chunk as Uint8Array);
  const code = await ended;
  if (code !== 0) throw new HoldfastError('ToolMissing', `git cat-file failed with ${code}`);
}

/** How a file differs between two commits. */
export interface FileChange {
  change: 'added' | 'removed' | 'changed';
  path: string;
}

/**
 * The files that differ between two commits, each in its own bare repository.
 * @param from undefined where there was no commit
 */
export async function changedFiles(
  from: { folder: string; commit: string },
  to: { folder: string; commit: string },
): Promise<FileChange[]> {
  const { output } = await runGit(['diff-tree', '-r', '-z', '--name-status', '--no-renames', from.commit, to.commit], {
    repository: { folder: to.folder },
    // Both snapshots may be whole ones that have no object in common.
    environment: { GIT_ALTERNATE_OBJECT_DIRECTORIES: `${from.folder}/objects` },
  });
  const fields = output.toString('utf8').split('\0');
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const letter = fields[at];
    const change = letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'changed';
    changes.push({ change, path: fields[at + 1] ?? '' });
  }
  return changes;
}

/** Path and commit are one argument that begins with the id, so no name can pass for an option. */
async function typeOf(folder: string, commit: string, at: string): Promise<string> {
  if (at === '') return 'tree';
  const { code, output } = await runGit(['cat-file', '-t', `${commit}:${at}`], {
    repository: { folder },
    accept: [128],
  });
  if (code === 0) return output.toString('utf8').trim();
  const submodule = await runGit(['rev-parse', '--verify', '--end-of-options', `${commit}:${at}`], {
    repository: { folder },
    accept: [1, 128],
  });
  if (submodule.code === 0) return 'commit';
  throw new HoldfastError('NotFound', `there is no ${JSON.stringify(at)} in commit ${commit.slice(0, 12)}`, {
    advice: 'holdfast ls lists what there is; --ref takes another branch or tag.',
  });
}

/** A line of `git ls-tree -l`: mode, type, id, size, and after a tab the name. */
function entryOf(line: string, above: string): FileEntry {
  const tab = line.indexOf('\t');
  const [mode = '', type = '', oid = '', size = ''] = line.slice(0, tab).split(/ +/);
  const name = line.slice(tab + 1);
  return {
    path: above === '' ? name : `${above}/${name}`,
    type: type === 'tree' ? 'folder' : type === 'commit' ? 'submodule' : mode === '120000' ? 'link' : 'file',
    executable: mode === '100755',
    oid,
    bytes: size === '-' ? undefined : Number(size),
  };
}
