import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';

/**
 * Turns what the operating system refuses, and no verb has foreseen, into an error that users can act on: it is not a
 * fault of Holdfast. All other errors stay as they are.
 */
export function systemError(error: unknown): unknown {
  if (error instanceof HoldfastError) return error;
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new HoldfastError('AccessDenied', messageOf(error), {
        cause: error,
        advice: 'Change its permissions, or name another place.',
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new HoldfastError('StorageFailed', messageOf(error), {
        cause: error,
        advice: 'Free space there, and run the same command again.',
      });
    case 'ENOENT':
      if (!messageOf(error).includes('uv_cwd')) return error;
      return new HoldfastError('Usage', 'the current folder does not exist any more', {
        cause: error,
        advice: 'Change to another folder, and run the command again.',
      });
    default:
      return error;
  }
}
