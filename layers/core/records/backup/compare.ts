import { isDeepStrictEqual } from 'node:util';
import type { Dataset } from '#core/sources/records.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { mergeSorted } from '../merge.ts';
import { isBelow } from '../record-key.ts';
import { parseLine, type RecordLine } from '../record-line.ts';
import type { Collection, Counts } from './collection.ts';

export interface Comparison {
  /** All records as the vault has them, sorted. */
  stored: AsyncIterable<RecordLine>;
  collection: Collection;
  dataset: Pick<Dataset, 'comparable'>;
  /** The snapshot that is made: what is gone has its id. */
  snapshot: SnapshotId;
  /** Whether what has not changed is given as well. */
  all: boolean;
}

/** What a comparison found, complete once its lines were read to their end. */
export interface Compared {
  counts: Map<string, Counts>;
  changed: number;
  deleted: number;
  /** Types of which records are at the source that were never stored, and did not come. */
  lost: Set<string>;
  lines: AsyncGenerator<RecordLine>;
}

/** Compares what came with what is stored, both sorted, and gives the lines of the new snapshot in their order. */
export function compareRecords(comparison: Comparison): Compared {
  const compared: Omit<Compared, 'lines'> = { counts: new Map(), changed: 0, deleted: 0, lost: new Set() };
  return Object.assign(compared, { lines: linesOf(comparison, compared) });
}

async function* linesOf(
  { stored, collection, dataset, snapshot, all }: Comparison,
  compared: Omit<Compared, 'lines'>,
): AsyncGenerator<RecordLine> {
  const came = mapped(collection.puts(), ({ key, text }) => ({ key, line: parseLine(text, key) }));
  const marked = mapped(collection.marks(), ({ key, text }) => ({ key, type: text }));
  const before = mapped(stored, (line) => ({ key: line.key, line }));
  // What stands below something that is gone went with it.
  let gone: string | undefined;
  const streams: AsyncIterable<{ key: string; line?: RecordLine; type?: string }>[] = [before, came, marked];
  for await (const { key, lines } of mergeSorted(streams)) {
    const [old, fresh, mark] = [lines[0]?.line, lines[1]?.line, lines[2]];
    const is = stateOf();
    if (is.line) count(compared.counts, is.line);
    if (is.line && (is.changed || all)) yield is.line;
    if (is.changed) compared.changed++;

    function stateOf(): { line: RecordLine | undefined; changed: boolean } {
      if (fresh) return old && isSame(old, fresh) ? { line: old, changed: false } : { line: fresh, changed: true };
      if (!old) {
        compared.lost.add(mark?.type ?? '');
        return { line: undefined, changed: false };
      }
      if (old.deleted !== undefined) {
        if (!mark) return { line: old, changed: false };
        const { deleted: _, ...back } = old;
        return { line: back, changed: true };
      }
      const wentAlong = gone !== undefined && isBelow(key, gone);
      if (mark || !(wentAlong || collection.isGone(old.type, key))) return { line: old, changed: false };
      if (!wentAlong) gone = key;
      compared.deleted++;
      return { line: { ...old, deleted: snapshot }, changed: true };
    }
  }

  function isSame(old: RecordLine, fresh: RecordLine): boolean {
    if (old.deleted !== undefined || old.type !== fresh.type) return false;
    const bare = ({ type, record }: RecordLine): unknown => dataset.comparable?.(type, record) ?? record;
    return isDeepStrictEqual(bare(old), bare(fresh));
  }
}

function count(counts: Map<string, Counts>, { type, deleted }: RecordLine): void {
  const known = counts.get(type) ?? { stored: 0, deleted: 0 };
  if (deleted === undefined) known.stored++;
  else known.deleted++;
  counts.set(type, known);
}

async function* mapped<From, To>(stream: AsyncIterable<From>, map: (one: From) => To): AsyncGenerator<To> {
  for await (const one of stream) yield map(one);
}
