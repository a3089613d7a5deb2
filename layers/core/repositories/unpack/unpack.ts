import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { UnpackRules, defaultUnpackLimits, type UnpackLimits } from './unpack-rules.ts';
import { unpackTarGz } from './unpack-tar.ts';
import { UnpackTarget } from './unpack-target.ts';
import { unpackZip } from './unpack-zip.ts';

/**
 * Unpacks an archive of a repository, by Holdfast or by others, into a folder that does not exist yet or is empty.
 * A folder that merely wraps everything is left away, so that the target is the repository. Whatever an archive may
 * hold that does not belong there, nothing is written outside the target, and after an error the target is gone.
 *
 * What comes out is only data: a caller that runs git in it must not let it read the repository's own configuration if
 * the archive is not known to be by Holdfast.
 * @throws {HoldfastError} Damaged for what is damaged or refused, TooLarge for a bomb, TargetNotEmpty
 */
export async function unpackArchive(
  chunks: AsyncIterable<Buffer>,
  format: 'tar.gz' | 'zip',
  target: string,
  limits: UnpackLimits = defaultUnpackLimits,
): Promise<void> {
  const folder = new UnpackTarget(target);
  await folder.claim();
  const rules = new UnpackRules(limits);
  try {
    await (format === 'zip' ? unpackZip : unpackTarGz)(chunks, folder, rules);
    await folder.unwrap();
  } catch (error) {
    await folder.remove();
    throw failure(error, target);
  }
}

function failure(error: unknown, target: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const code = systemCode(error) ?? '';
  // Only the file system's own errors have such codes; zlib's begin with Z_, Node's with ERR_.
  if (/^E[A-Z0-9]+$/.test(code) && code !== 'ENAMETOOLONG')
    return new HoldfastError('StorageFailed', `${target} cannot be written: ${messageOf(error)}`, { cause: error });
  return new HoldfastError('Damaged', `the archive is damaged: ${messageOf(error)}`, { cause: error });
}
