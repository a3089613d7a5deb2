import type { RecordLine } from '#core/records/record-line.ts';

/** A record with all that stands below it. */
export interface Thread {
  /** `issues/17`; of a record with a key of one part, that. */
  key: string;
  lines: RecordLine[];
}

/** The records of a dataset, put together by the first two parts of their keys. Holds one thread at a time. */
export async function* threadsOf(lines: AsyncIterable<RecordLine>): AsyncGenerator<Thread> {
  let thread: Thread | undefined;
  for await (const line of lines) {
    const key = line.key.split('/').slice(0, 2).join('/');
    if (thread?.key !== key) {
      if (thread) yield thread;
      thread = { key, lines: [] };
    }
    thread.lines.push(line);
  }
  if (thread) yield thread;
}
