import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/http.ts';
import type { StoredAsset } from '../restore/stored-package.ts';
import { hashing, type Digests } from './hashing.ts';

/** No description of a package is larger. */
const largestEntry = 16 << 20;

/**
 * The first file of a packed tar that fits, and hashes of the whole archive, which is read once.
 * @throws {HoldfastError} SourceUnsupported where it is no such archive, Damaged
 */
export async function readTarEntry(
  asset: StoredAsset,
  fits: (name: string) => boolean,
  algorithms: readonly string[],
): Promise<{ entry: Buffer | undefined; digests: Digests }> {
  let found: Buffer | undefined;
  let digests: Digests = new Map();
  const tar = extract();
  const search = async (): Promise<void> => {
    for await (const entry of tar) {
      if (found === undefined && entry.header.type === 'file' && fits(entry.header.name))
        found = await readWhole(entry as AsyncIterable<Buffer>, largestEntry, `${entry.header.name} in ${asset.name}`);
      else entry.resume();
    }
  };
  const source = hashing(asset, algorithms, (taken) => (digests = taken));
  const [reading, searching] = await Promise.allSettled([pipeline(source, createGunzip(), tar), search()]);
  for (const { reason } of [reading, searching].filter((result) => result.status === 'rejected')) {
    if (reason instanceof HoldfastError) throw reason;
    throw new HoldfastError('SourceUnsupported', `${asset.name} is no packed tar: ${messageOf(reason)}`, {
      cause: reason,
    });
  }
  return { entry: found, digests };
}
