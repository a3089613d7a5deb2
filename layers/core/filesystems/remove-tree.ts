import { splitList } from './names.ts';
import type { Threads } from './threads.ts';
import { workThrough } from './work-through.ts';

/** A folder that is being emptied; it goes once nothing in it is left. */
interface Folder {
  path: Uint8Array;
  parent: Folder | undefined;
  /** Jobs and folders in it that are not done. */
  open: number;
}

type Item = { folder: Folder; names?: Uint8Array } | { empty: Folder };

/**
 * Removes a tree, many folders at once. What is gone already is not a failure, so an interrupted removal can continue.
 * @returns how many entries were removed
 * @throws {HoldfastError} StorageFailed, Interrupted
 */
export async function removeTree(tree: string, threads: Threads): Promise<number> {
  let removed = 0;
  const root: Folder = { path: new Uint8Array(), parent: undefined, open: 1 };
  await workThrough<Item>([{ folder: root }], threads.size, async (item) => {
    if ('empty' in item) {
      removed += (await threads.run<'remove-folder'>({ kind: 'remove-folder', tree, folder: item.empty.path })).removed;
      return item.empty.parent ? done(item.empty.parent) : [];
    }
    const { folder, names } = item;
    const answer = await threads.run<'remove'>({ kind: 'remove', tree, folder: folder.path, names });
    removed += answer.removed;
    const inner = [...splitList(answer.folders)].map((path): Item => ({
      folder: { path: Uint8Array.from(path), parent: folder, open: 1 },
    }));
    const slices = answer.slices.map((slice): Item => ({ folder, names: slice }));
    folder.open += inner.length + slices.length;
    return [...inner, ...slices, ...done(folder)];
  });
  return removed;
}

function done(folder: Folder): Item[] {
  folder.open--;
  return folder.open === 0 ? [{ empty: folder }] : [];
}
