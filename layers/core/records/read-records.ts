import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import type { Manifest, RecordFile, RecordsData } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { linesOf } from './lines.ts';
import { mergeSorted } from './merge.ts';
import { compareKeys } from './record-key.ts';
import { parseLine, type RecordLine } from './record-line.ts';

/** The objects that hold the records of a snapshot, oldest first. */
export function recordsDataOf({ chain, data }: Pick<Manifest, 'chain' | 'data'>): RecordsData[] {
  return [...chain, ...data].filter((one) => one.format === 'records');
}

/** The files that belong to the records of a snapshot. */
export function filesOf({ chain, data }: Pick<Manifest, 'chain' | 'data'>): RecordFile[] {
  return [...chain, ...data].filter((one) => one.format === 'file');
}

/**
 * All records of a snapshot in the order of their keys, those that are deleted at the source marked as such: of each the
 * state that the newest object of its chain has.
 * @throws {HoldfastError} Damaged
 */
export async function* readRecords(
  vault: Vault,
  manifest: Pick<Manifest, 'chain' | 'data'>,
): AsyncGenerator<RecordLine> {
  const streams = recordsDataOf(manifest).map((data) => readObject(vault, data));
  for await (const { newest } of mergeSorted(streams)) yield newest;
}

/**
 * The lines of one object, compared with its manifest: length and SHA-256, form, number and order.
 * @throws {HoldfastError} Damaged
 */
export async function* readObject(vault: Vault, data: RecordsData): AsyncGenerator<RecordLine> {
  const gunzip = createGunzip();
  const source = Readable.from(readProven(vault, data), { objectMode: false });
  // What breaks the stored bytes is the reason, not the stream that breaks with them.
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  let before: string | undefined;
  let lines = 0;
  try {
    for await (const text of linesOf(gunzip)) {
      const line = parseLine(text, `line ${++lines} of ${data.key}`);
      if (before !== undefined && compareKeys(before, line.key) >= 0)
        throw new HoldfastError('Damaged', `line ${lines} of ${data.key} is out of order`);
      before = line.key;
      yield line;
    }
    if (lines !== data.lines)
      throw new HoldfastError('Damaged', `${data.key} has ${lines} lines instead of ${data.lines}`);
  } catch (error) {
    if (!isZlib(error)) throw error;
    throw new HoldfastError('Damaged', `${data.key} is not whole gzip: ${messageOf(error)}`, { cause: error });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function isZlib(error: unknown): boolean {
  return systemCode(error)?.startsWith('Z_') ?? false;
}
