import { readFile } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { buffer as bytesOf } from 'node:stream/consumers';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { PlainGitSource } from '#core/sources/git/git-source.ts';
import { readNetrc } from '#core/sources/git/netrc.ts';
import type { Context } from '../../../context.ts';
import { helpersOf } from '../../../credential-helpers.ts';
import { backUp } from '../back-up.ts';
import type { BackupGitFlags } from './options.ts';

export async function backupGit(context: Context, flags: BackupGitFlags, operands: string[]): Promise<number> {
  const listed = flags.from === undefined ? [] : await readAddresses(flags.from);
  const addresses = [...operands, ...listed];
  if (addresses.length === 0)
    throw new HoldfastError('Usage', 'no repository was named', {
      advice: 'holdfast backup git <url or folder>…, or --from <file>',
    });
  const source = new PlainGitSource({
    addresses,
    netrc: await readNetrc(context.environment.netrcFile),
    findLogin: helpersOf(context, flags),
    lfs: flags.lfs,
    stallMs: flags.stallSeconds * 1000,
    signal: context.signal,
  });
  return backUp(context, flags, source);
}

/** One address a line; empty lines and those that begin with # are passed over. */
async function readAddresses(file: string): Promise<string[]> {
  const bytes = await (file === '-' ? bytesOf(process.stdin) : readFile(file)).catch((error: unknown) => {
    throw new HoldfastError('Usage', `cannot read the addresses: ${messageOf(error)}`, { cause: error });
  });
  if (!isUtf8(bytes))
    throw new HoldfastError('Usage', 'the addresses are not valid UTF-8', {
      advice: 'Save the list as UTF-8. A folder whose name is not UTF-8 must be renamed to be backed up.',
    });
  return bytes
    .toString()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
