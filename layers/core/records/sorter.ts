import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { linesOf } from './lines.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import { mergeSorted } from './merge.ts';
import { compareKeys } from './record-key.ts';

/** Bytes held before they are written to the scratch folder, in sorted parts. */
const usuallyHeld = 3 << 20;

/** What an entry takes of the heap beside its key, about, in bytes. */
const bytesOfEntry = 100;

/** More files than this are not read at once. */
const partsAtOnce = 24;

interface Entry {
  key: string;
  text: string;
}

/** Where a line stands in the block. */
interface Place {
  start: number;
  end: number;
}

/**
 * Sorts more lines than fit into memory, by way of a scratch folder. Of several under one key the last that was added
 * counts.
 */
export class Sorter {
  readonly #folder: string;
  readonly #name: string;
  readonly #heldAtMost: number;
  /**
   * One block for the lines, beside the heap and used again and again: as objects of their own they would outlive V8's
   * young generation, and pile up until it looks at the old one.
   */
  #block: Buffer | undefined;
  #used = 0;
  #places = new Map<string, Place>();
  #heldLength = 0;
  #parts: string[] = [];
  #made = 0;
  readonly #garbage = new YoungGarbage(16 << 20);

  /**
   * @param name of its files in the folder, which no other sorter has
   * @param heldAtMost bytes in memory; a longer line is held alone
   */
  constructor(folder: string, name: string, heldAtMost = usuallyHeld) {
    this.#folder = folder;
    this.#name = name;
    this.#heldAtMost = heldAtMost;
  }

  /** @param key without tabs and ends of lines, as `text` is without ends of lines */
  async add(key: string, text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    const length = bytes + key.length + bytesOfEntry;
    if (this.#heldLength + length > this.#heldAtMost) await this.#spill();
    if (this.#block === undefined || this.#block.length - this.#used < bytes)
      this.#block = Buffer.allocUnsafeSlow(Math.max(this.#heldAtMost, bytes));
    this.#block.write(text, this.#used);
    this.#places.set(key, { start: this.#used, end: this.#used + bytes });
    this.#used += bytes;
    this.#heldLength += length;
    this.#garbage.passed(text.length);
  }

  /** All lines in the order of their keys. Nothing may be added afterwards. */
  async *sorted(): AsyncGenerator<Entry> {
    if (this.#parts.length >= partsAtOnce) await this.#spill();
    while (this.#parts.length >= partsAtOnce) {
      const some = this.#parts.slice(0, partsAtOnce);
      const merged = await this.#write(newestOf(some.map(readPart)));
      this.#parts = [merged, ...this.#parts.slice(partsAtOnce)];
    }
    yield* newestOf([...this.#parts.map(readPart), this.#takeHeld()]);
  }

  async #spill(): Promise<void> {
    if (this.#places.size === 0) return;
    const block = this.#block;
    this.#parts.push(await this.#write(this.#takeHeld()));
    this.#block ??= block;
  }

  async *#takeHeld(): AsyncGenerator<Entry> {
    const [block, places] = [this.#block, this.#places];
    this.#block = undefined;
    this.#used = 0;
    this.#places = new Map();
    this.#heldLength = 0;
    for (const key of [...places.keys()].sort(compareKeys)) {
      await Promise.resolve();
      const { start, end } = places.get(key) ?? { start: 0, end: 0 };
      yield { key, text: block?.toString('utf8', start, end) ?? '' };
    }
  }

  async #write(entries: AsyncIterable<Entry>): Promise<string> {
    const file = path.join(this.#folder, `${this.#name}-${this.#made++}.gz`);
    const garbage = this.#garbage;
    const encoded = async function* (): AsyncGenerator<string> {
      for await (const entry of entries) {
        garbage.passed(entry.text.length);
        yield `${entry.key}\t${entry.text}\n`;
      }
    };
    await pipeline(
      Readable.from(encoded(), { objectMode: false }),
      createGzip({ level: constants.Z_BEST_SPEED }),
      createWriteStream(file, { mode: 0o600 }),
    );
    return file;
  }
}

async function* newestOf(streams: AsyncIterable<Entry>[]): AsyncGenerator<Entry> {
  for await (const { newest } of mergeSorted(streams)) yield newest;
}

async function* readPart(file: string): AsyncGenerator<Entry> {
  const bytes = createReadStream(file);
  const plain = bytes.pipe(createGunzip());
  bytes.on('error', (error) => plain.destroy(error));
  try {
    for await (const line of linesOf(plain)) yield entryOf(line);
  } finally {
    bytes.destroy();
    if (!bytes.closed) await once(bytes, 'close');
  }
}

function entryOf(line: string): Entry {
  const end = line.indexOf('\t');
  return { key: line.slice(0, end), text: line.slice(end + 1) };
}
