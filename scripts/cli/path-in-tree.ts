import { HoldfastError } from '#core/runtime/errors.ts';

/**
 * A path below the top of a tree as git names it, without slashes at its ends.
 * @throws {HoldfastError} Usage for one that leads out of the tree
 */
export function pathInTree(typed: string): string {
  const parts = typed.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..'))
    throw new HoldfastError('Usage', `${JSON.stringify(typed)} leads out of the repository`, {
      advice: 'Give the path from the top of the repository, such as docs/index.md.',
    });
  return parts.join('/');
}
