import { open } from 'node:fs/promises';
import type { Advertisement } from '#core/git/advertisement.ts';
import { fetchPack, type PackSink } from '#core/git/fetch.ts';
import { addPack, createMirror, packPath, writeRefs } from '#core/git/mirror.ts';
import { indexPack, javascriptLimit } from '#core/git/pack-index.ts';
import type { PackInfo } from '#core/git/pack-checker.ts';
import type { Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { pipe } from './archive-pipe.ts';

interface MirrorRequest {
  transport: Transport;
  listed: Advertisement;
  refs: Refs;
  /** The largest pack that is taken, in bytes. */
  limit: number;
}

/** Makes a bare repository of the taken refs and HEAD in a folder, from one fetch. */
export async function fetchMirror(request: MirrorRequest, folder: string): Promise<PackInfo> {
  const { transport, listed, refs } = request;
  const format = listed.objectFormat;
  // isomorphic-git knows SHA-1 only.
  const indexer = format === 'sha1' ? 'javascript' : 'native';
  const limit = indexer === 'javascript' ? Math.min(request.limit, javascriptLimit) : request.limit;
  const wants = new Set(refs.values());
  if (listed.head.type === 'detached') wants.add(listed.head.oid);
  await createMirror(folder, format);
  const [pack] = await pipe(
    (sink) => fetchPack(transport, listed, { wants: [...wants], haves: [], offsetDeltas: true }, limited(sink, limit)),
    (chunks) => addPack(folder, chunks, format),
  );
  await indexPack(folder, pack.hash, format, indexer);
  await refuseGaps(folder, pack);
  await writeRefs(folder, refs, listed.head);
  return pack;
}

/** No server says beforehand how large a pack will be, so the limit is held while it comes. */
function limited(sink: PackSink, limit: number): PackSink {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    if (bytes <= limit) return sink(chunk);
    throw new HoldfastError('TooLarge', `the repository is larger than an archive may be: ${limit} bytes of pack`, {
      advice: 'Use the default format, bundle, which has no limit.',
    });
  };
}

/** Where the count of objects stands in an index of version 2: the last entry of its fan-out table (gitformat-pack). */
const countOffset = 8 + 255 * 4;

/** isomorphic-git leaves an object that it cannot resolve out of the index, and says nothing. */
async function refuseGaps(folder: string, pack: PackInfo): Promise<void> {
  const index = await open(packPath(folder, pack.hash).replace(/\.pack$/, '.idx'), 'r');
  try {
    const { buffer } = await index.read(Buffer.alloc(4), 0, 4, countOffset);
    const indexed = buffer.readUInt32BE();
    if (indexed === pack.objects) return;
    throw new HoldfastError(
      'Corrupt',
      `the pack has ${pack.objects} objects, of which only ${indexed} can be read without others`,
      { transient: true },
    );
  } finally {
    await index.close();
  }
}
