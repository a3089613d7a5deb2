import { compareKeys } from './record-key.ts';

/** What several sorted streams have under one key: by the place of the stream. */
export interface Group<Line> {
  key: string;
  lines: (Line | undefined)[];
  /** Of the last stream that has the key. */
  newest: Line;
}

/**
 * Walks through streams that are sorted by key, one key at a time, holding one line of each. Ends all of them when it
 * is left early.
 */
export async function* mergeSorted<Line extends { key: string }>(
  streams: readonly AsyncIterable<Line>[],
): AsyncGenerator<Group<Line>> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const heads: (Line | undefined)[] = [];
    for (const iterator of iterators) heads.push(await next(iterator));
    for (;;) {
      const [first] = heads.flatMap((head) => (head ? [head.key] : [])).sort(compareKeys);
      if (first === undefined) return;
      const lines = heads.map((head) => (head?.key === first ? head : undefined));
      const newest = lines.findLast((line) => line !== undefined);
      if (newest) yield { key: first, lines, newest };
      for (const [at, line] of lines.entries()) {
        const iterator = iterators[at];
        if (line && iterator) heads[at] = await next(iterator);
      }
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

async function next<Line>(iterator: AsyncIterator<Line, unknown>): Promise<Line | undefined> {
  const result = await iterator.next();
  return result.done ? undefined : result.value;
}
