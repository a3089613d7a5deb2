import { createHash } from 'node:crypto';
import type { StoredAsset } from '../restore/stored-package.ts';

/** Hashes of all of an asset, by algorithm, ready to be written in any form. */
export type Digests = ReadonlyMap<string, Buffer>;

/** Reads an asset once, to its proven end, and takes these hashes of it. */
export async function* hashing(
  asset: Pick<StoredAsset, 'read'>,
  algorithms: readonly string[],
  onDigests: (digests: Digests) => void,
): AsyncGenerator<Buffer> {
  const hashes = algorithms.map((name) => ({ name, hash: createHash(name) }));
  for await (const chunk of asset.read()) {
    for (const { hash } of hashes) hash.update(chunk);
    yield chunk;
  }
  onDigests(new Map(hashes.map(({ name, hash }) => [name, hash.digest()])));
}
