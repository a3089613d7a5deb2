import fs from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '#core/runtime/errors.ts';
import { whyJavascriptFailed } from './javascript-git.ts';
import { packPath } from './mirror.ts';
import { runGit } from './native.ts';
import type { ObjectFormat } from './object-format.ts';

/** How packs are indexed and checked object by object: by the git binary, or in JavaScript where there is none. */
export type Indexer = 'native' | 'javascript';

/** isomorphic-git holds about five times the pack in memory, so larger ones need native git. */
export const javascriptLimit = 400 << 20;

/**
 * Indexes a pack of a repository: every object is inflated and hashed on the way, so a pack that was indexed is sound.
 * @throws {HoldfastError} Damaged, ToolMissing, or TooLarge
 */
export async function indexPack(
  folder: string,
  hash: string,
  format: ObjectFormat,
  indexer: Indexer,
  signal?: AbortSignal,
): Promise<void> {
  const pack = packPath(folder, hash);
  if (indexer === 'native') {
    await indexNatively(folder, pack, format, signal);
    return;
  }
  if (format !== 'sha1')
    throw new HoldfastError('ToolMissing', 'repositories with SHA-256 objects need the git binary', {
      advice: 'Install git 2.29 or newer.',
    });
  const { size } = await stat(pack);
  if (size > javascriptLimit)
    throw new HoldfastError('TooLarge', `a pack of ${size} bytes is too large to be indexed without the git binary`, {
      advice: 'Install git.',
    });
  // Loaded only here: it is large and few commands need it.
  const { default: git } = await import('isomorphic-git');
  try {
    await git.indexPack({ fs, dir: folder, gitdir: folder, filepath: path.relative(folder, pack) });
  } catch (error) {
    throw new HoldfastError('Damaged', `the pack ${hash} cannot be indexed: ${whyJavascriptFailed(error)}`, {
      cause: error,
    });
  }
  await refuseGaps(pack);
}

/** Where the count of objects stands in an index of version 2: the last entry of its fan-out table (gitformat-pack). */
const countOffset = 8 + 255 * 4;

/** isomorphic-git leaves an object that it cannot resolve out of the index, and says nothing. */
async function refuseGaps(pack: string): Promise<void> {
  const objects = await readCount(pack, 8);
  const indexed = await readCount(pack.replace(/\.pack$/, '.idx'), countOffset);
  if (indexed === objects) return;
  throw new HoldfastError(
    'Damaged',
    `${path.basename(pack)} has ${objects} objects, of which only ${indexed} can be read without others`,
  );
}

async function readCount(file: string, offset: number): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, offset);
    return buffer.readUInt32BE();
  } finally {
    await handle.close();
  }
}

/** What git prints when the pack is to blame, rather than the disk or our call. */
const packAtFault = /pack|object|delta|sha1|inflate|premature end|bad/i;

async function indexNatively(
  folder: string,
  pack: string,
  format: ObjectFormat,
  signal: AbortSignal | undefined,
): Promise<void> {
  // The path is absolute, so it cannot pass for an option; index-pack knows no `--`.
  const { code, errors } = await runGit(['index-pack', `--object-format=${format}`, pack], {
    repository: { folder },
    accept: [1, 128],
    signal,
  });
  if (code === 0) return;
  if (/no space left|disk quota/i.test(errors))
    throw new HoldfastError('StorageFailed', `no space left to index ${pack}`);
  const damaged = packAtFault.test(errors);
  throw new HoldfastError(
    damaged ? 'Damaged' : 'ToolMissing',
    `${path.basename(pack)} cannot be indexed: git says: ${errors}`,
  );
}
