import { randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import { dataKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { RecordsData } from '#core/vault/manifest.ts';
import type { ObjectTags, Vault } from '#core/vault/storage/vault.ts';
import { writeLine, type RecordLine } from './record-line.ts';

export interface WriteRequest {
  vault: Vault;
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  tags: ObjectTags;
  /** Bytes stored so far. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/** Streams records into the vault. @param lines sorted by key */
export async function writeRecords(request: WriteRequest, lines: AsyncIterable<RecordLine>): Promise<RecordsData> {
  const attempt = randomBytes(4).toString('hex');
  const writer = request.vault.writer(
    dataKey(request.item, request.snapshot, attempt, 'records.ndjson.gz'),
    request.tags,
  );
  const garbage = new YoungGarbage(16 << 20);
  let count = 0;
  let bytes = 0;
  const text = async function* (): AsyncGenerator<string> {
    for await (const line of lines) {
      count++;
      const written = `${writeLine(line)}\n`;
      garbage.passed(written.length);
      yield written;
    }
  };
  try {
    await pipeline(
      Readable.from(text(), { objectMode: false }),
      createGzip(),
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          request.onProgress?.((bytes += chunk.length));
          Promise.resolve(writer.write(chunk)).then(() => done(), done);
        },
      }),
    );
    return { ...(await writer.finish()), format: 'records', lines: count };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
