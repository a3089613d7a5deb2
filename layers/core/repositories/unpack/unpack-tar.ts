import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract } from 'tar-stream';
import { HoldfastError } from '#core/runtime/errors.ts';
import { inflate } from './unpack-inflate.ts';
import type { UnpackRules } from './unpack-rules.ts';
import type { UnpackTarget } from './unpack-target.ts';

const chunkBytes = 256 << 10;

/** What ends every tar: two blocks of zeros. */
const endBytes = 1024;

/** Unpacks while reading: each entry is judged before its first byte is written. */
export async function unpackTarGz(
  chunks: AsyncIterable<Buffer>,
  target: UnpackTarget,
  rules: UnpackRules,
): Promise<void> {
  let packed = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const measured = async function* (): AsyncGenerator<Buffer> {
    let bytes = 0;
    let end = Buffer.alloc(0);
    for await (const chunk of inflate(counted(), createGunzip({ chunkSize: chunkBytes }))) {
      bytes += chunk.length;
      rules.checkSize(packed, bytes);
      end = Buffer.concat([end, chunk.subarray(-endBytes)]).subarray(-endBytes);
      yield chunk;
    }
    // Cut off between two entries, by a tar that was killed, everything else would look sound.
    if (end.length < endBytes || end.some((byte) => byte !== 0))
      throw new HoldfastError('Damaged', 'the archive is cut off');
  };
  const tar = extract();
  const read = pipeline(measured(), tar);
  const written = writeEntries(tar, target, rules);
  const [reading, writing] = await Promise.allSettled([read, written]);
  // Where an entry was refused the reading was broken off because of it; otherwise it is the other way round.
  if (writing.status === 'rejected' && writing.reason instanceof HoldfastError) throw writing.reason;
  if (reading.status === 'rejected') throw reading.reason;
  if (writing.status === 'rejected') throw writing.reason;
  rules.finish();
}

async function writeEntries(tar: Extract, target: UnpackTarget, rules: UnpackRules): Promise<void> {
  for await (const entry of tar) {
    const { header } = entry;
    const accepted = rules.accept({ name: header.name, type: typeOf(header), bytes: header.size });
    if (accepted.type === 'file') await target.writeFile(accepted.segments, entry as AsyncIterable<Buffer>);
    else await target.writeFolder(accepted.segments);
  }
}

/** tar-stream's own type of a header leaves out that there may be no type. */
function typeOf({ type, pax }: { type: string | null; pax?: unknown }): string {
  // GNU's files with holes would come out as the pieces between the holes.
  if (Object.keys(pax ?? {}).some((key) => key.startsWith('GNU.sparse.'))) return 'sparse file';
  return type ?? 'kind of entry that is not supported';
}
