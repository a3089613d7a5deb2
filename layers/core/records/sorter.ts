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

/** Characters held before they are written to the scratch folder, in sorted parts. */
const usuallyHeld = 3 << 20;

/** More files than this are not read at once. */
const partsAtOnce = 24;

interface Entry {
  key: string;
  text: string;
}

/**
 * Sorts more lines than fit into memory, by way of a scratch folder. Of several under one key the last that was added
 * counts.
 */
export class Sorter {
  readonly #folder: string;
  readonly #name: string;
  readonly #heldAtMost: number;
  /** As bytes, beside the heap: what lives long there lets V8 take ever more of it. */
  #held = new Map<string, Buffer>();
  #heldLength = 0;
  #parts: string[] = [];
  #made = 0;
  readonly #garbage = new YoungGarbage();

  /**
   * @param name of its files in the folder, which no other sorter has
   * @param heldAtMost characters in memory
   */
  constructor(folder: string, name: string, heldAtMost = usuallyHeld) {
    this.#folder = folder;
    this.#name = name;
    this.#heldAtMost = heldAtMost;
  }

  /** @param key without tabs and ends of lines, as `text` is without ends of lines */
  async add(key: string, text: string): Promise<void> {
    this.#held.set(key, Buffer.from(text));
    this.#heldLength += key.length + text.length;
    this.#garbage.passed(text.length);
    if (this.#heldLength > this.#heldAtMost) await this.#spill();
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
    if (this.#held.size === 0) return;
    this.#parts.push(await this.#write(this.#takeHeld()));
  }

  async *#takeHeld(): AsyncGenerator<Entry> {
    const held = this.#held;
    this.#held = new Map();
    this.#heldLength = 0;
    for (const key of [...held.keys()].sort(compareKeys)) {
      await Promise.resolve();
      yield { key, text: held.get(key)?.toString() ?? '' };
    }
  }

  async #write(entries: AsyncIterable<Entry>): Promise<string> {
    const file = path.join(this.#folder, `${this.#name}-${this.#made++}.gz`);
    const encoded = async function* (): AsyncGenerator<string> {
      for await (const entry of entries) yield `${entry.key}\t${entry.text}\n`;
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
