import { promises, type PathLike, type Stats } from 'node:fs';

type Promises = typeof promises;

/**
 * The file system for isomorphic-git, which looks at every folder above a file again before it writes it, so that no link
 * among them leads it elsewhere: half a million times for a thousand nested folders. What was seen to be a folder stays
 * one until something is removed or renamed; then all are looked at again.
 */
export function withRememberedFolders(): { promises: Pick<Promises, RequiredMethod> } {
  const folders = new Map<PathLike, Promise<Stats>>();
  const forgetting = <Arguments extends unknown[]>(remove: (...given: Arguments) => Promise<void>) => {
    // It tries to remove far more than there is, so what fails must not count.
    return (...given: Arguments): Promise<void> => remove(...given).then(() => folders.clear());
  };
  const lstat = (at: PathLike): Promise<Stats> => {
    let known = folders.get(at);
    if (!known) {
      // It asks for all files at once, so most of them ask before the first has an answer.
      known = promises.lstat(at);
      folders.set(at, known);
      const forget = (): void => void folders.delete(at);
      known.then((found) => found.isDirectory() || forget(), forget);
    }
    return known;
  };
  return {
    promises: {
      ...promises,
      lstat: lstat as Promises['lstat'],
      rm: forgetting(promises.rm),
      rmdir: forgetting(promises.rmdir),
      unlink: forgetting(promises.unlink),
      rename: forgetting(promises.rename),
    },
  };
}

/** What isomorphic-git asks of a file system, and `rm` where there is one. */
type RequiredMethod =
  | 'readFile'
  | 'writeFile'
  | 'mkdir'
  | 'rmdir'
  | 'unlink'
  | 'stat'
  | 'lstat'
  | 'readdir'
  | 'readlink'
  | 'symlink'
  | 'chmod'
  | 'rm'
  | 'rename';
