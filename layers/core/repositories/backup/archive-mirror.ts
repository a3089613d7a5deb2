import type { Advertisement } from '#core/git/advertisement.ts';
import { fetchPack, type PackSink } from '#core/git/fetch.ts';
import { addPack, createMirror, writeRefs } from '#core/git/mirror.ts';
import type { PackInfo } from '#core/git/pack-checker.ts';
import { indexPack, javascriptLimit, type Indexer } from '#core/git/pack-index.ts';
import { pipe } from '#core/git/pipe.ts';
import type { Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';

interface MirrorRequest {
  transport: Transport;
  listed: Advertisement;
  refs: Refs;
  /** The largest pack that is taken, in bytes. */
  limit: number;
  /** Whether the pack may hold deltas by offset. */
  offsetDeltas: boolean;
  indexer: Indexer;
}

/** Makes a bare repository of the taken refs and HEAD in a folder, from one fetch. */
export async function fetchMirror(request: MirrorRequest, folder: string): Promise<PackInfo> {
  const { transport, listed, refs, offsetDeltas } = request;
  const format = listed.objectFormat;
  // isomorphic-git knows SHA-1 only.
  const indexer = format === 'sha1' ? request.indexer : 'native';
  const limit = indexer === 'javascript' ? Math.min(request.limit, javascriptLimit) : request.limit;
  const wants = new Set(refs.values());
  if (listed.head.type === 'detached') wants.add(listed.head.oid);
  await createMirror(folder, format);
  const [pack] = await pipe(
    (sink) => fetchPack(transport, listed, { wants: [...wants], haves: [], offsetDeltas }, limited(sink, limit)),
    (chunks) => addPack(folder, chunks, format),
  );
  await indexPack(folder, pack.hash, format, indexer).catch((error: unknown) => {
    if (!hasCode(error, 'Damaged')) throw error;
    // It matched its hash, so the server made it so; it may make another the next time.
    throw new HoldfastError('Corrupt', error.message, { cause: error, transient: true });
  });
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
