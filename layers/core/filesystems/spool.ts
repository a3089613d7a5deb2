import { appendFileSync, closeSync, createReadStream, openSync } from 'node:fs';

/** A list of names that may be too long for memory, in a file. */
export interface Spool {
  add(list: Uint8Array): void;
  /** Whether anything was added. */
  readonly used: boolean;
  /** All of it, in lists that end where a name ends. */
  read(): AsyncGenerator<Buffer>;
  close(): void;
}

export function openSpool(file: string): Spool {
  // A system limits how many files may be open, and most lists stay empty.
  let descriptor: number | undefined;
  return {
    add(list) {
      if (list.length === 0) return;
      descriptor ??= openSync(file, 'a', 0o600);
      appendFileSync(descriptor, list);
    },
    get used() {
      return descriptor !== undefined;
    },
    async *read() {
      if (descriptor === undefined) return;
      let rest = Buffer.alloc(0);
      for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
        const bytes = Buffer.concat([rest, chunk]);
        const end = bytes.lastIndexOf(0) + 1;
        rest = bytes.subarray(end);
        if (end > 0) yield bytes.subarray(0, end);
      }
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}
