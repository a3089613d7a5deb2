import type { Advertisement } from '#core/git/advertisement.ts';
import { fetchOffered, offerOf } from '#core/git/fetch.ts';
import { SmallBlobs } from '#core/git/small-blobs.ts';
import type { Transport } from '#core/git/transport.ts';
import { parsePointer, pointerLimit } from '../pointer.ts';

export interface FoundPointers {
  /** Oid → size in bytes, in the order of the pack: what is newest comes first. */
  objects: Map<string, number>;
  /** Where files `.lfsconfig` say that objects are kept. */
  configured: Set<string>;
}

/**
 * Finds all objects of LFS that commits name, without a work tree: fetches the commits once more, without the blobs that
 * are too large for pointers where the server can leave them out, and looks at each blob as it passes.
 *
 * Git stores pointers whole, never as deltas: a delta of a blob so small is only kept if it is less than half as long,
 * and the oid of another object is longer than that.
 * @param wants the commits that are new
 * @param haves those whose objects are known
 */
export async function findPointers(
  transport: Transport,
  listed: Advertisement,
  { wants, haves }: { wants: readonly string[]; haves: readonly string[] },
  onProgress: (bytes: number) => void,
): Promise<FoundPointers> {
  const found: FoundPointers = { objects: new Map(), configured: new Set() };
  if (wants.length === 0) return found;
  const offer = await offerOf(transport, listed);
  const blobs = new SmallBlobs(listed.objectFormat, pointerLimit, (content) => {
    const pointer = parsePointer(content);
    if (pointer) found.objects.set(pointer.oid, pointer.size);
    else for (const address of configuredIn(content)) found.configured.add(address);
  });
  let bytes = 0;
  const request = { wants, haves, offsetDeltas: true, filter: `blob:limit=${pointerLimit}` };
  await fetchOffered(transport, offer, request, (chunk) => {
    onProgress((bytes += chunk.length));
    return blobs.write(chunk);
  });
  await blobs.finish();
  return found;
}

/** The addresses in what looks like a `.lfsconfig`: of the section `lfs`, or of a remote. */
function configuredIn(content: Buffer): string[] {
  if (!content.includes('[lfs') && !content.includes('lfsurl')) return [];
  const text = content.toString('utf8');
  return Array.from(text.matchAll(/^\s*(?:lfs)?url\s*=\s*"?(https?:\/\/[^\s"]+)/gim), ([, address = '']) => address);
}
