import path from 'node:path';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';

/**
 * Turns what the file system says during a restore into an error that users can act on. Our own errors, and those that
 * have nothing to do with a file system, stay as they are.
 */
export function targetError(target: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof HoldfastError || code === undefined) return error;
  const parent = path.dirname(target);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return noSpace(target, error);
    case 'EROFS':
      return new HoldfastError('StorageFailed', `${parent} is on a file system that is mounted read-only`, {
        cause: error,
        advice: 'Name a target elsewhere, or mount it writable.',
      });
    case 'EACCES':
    case 'EPERM':
      return new HoldfastError(
        'AccessDenied',
        `${target} cannot be created: you have no permission to write to ${parent}`,
        {
          cause: error,
          advice: 'Name a target in a folder of your own.',
        },
      );
    case 'ENOTDIR':
    case 'ELOOP':
      return new HoldfastError('Usage', `${target} cannot be created: part of its path is not a folder`, {
        cause: error,
      });
    case 'ENAMETOOLONG':
      return new HoldfastError('Usage', `${target} cannot be created: a name in it is too long for the file system`, {
        cause: error,
        advice: 'Restore without --checkout, or to another file system, if the name comes from the repository.',
      });
    default:
      // Only the file system's own errors have such codes; Node's begin with ERR_.
      if (!/^E[A-Z0-9]+$/.test(code)) return error;
      return new HoldfastError('StorageFailed', `${target} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** @param said why git did not write the files of a commit, in its words */
export function checkoutError(target: string, said: string): HoldfastError {
  if (/no space left|disk quota/i.test(said)) return noSpace(target);
  return new HoldfastError('SourceUnsupported', `its files cannot be checked out: ${said}`, {
    advice: 'Restore without --checkout, or only what --path names.',
  });
}

function noSpace(target: string, cause?: unknown): HoldfastError {
  return new HoldfastError('StorageFailed', `no space left to restore to ${target}`, {
    cause,
    advice:
      'Free space or inodes there, or name a target on a larger disk. The same command continues where it stopped.',
  });
}
