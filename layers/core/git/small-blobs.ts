import { constants, createInflate, inflateSync, type Inflate } from 'node:zlib';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { hashBytes, type ObjectFormat } from './object-format.ts';

/** The types of entries in a pack (gitformat-pack). */
const blob = 3;
const offsetDelta = 6;
const refDelta = 7;

const packHeaderBytes = 12;

/** What inflates to no more than this is inflated at once, in bytes; anything larger as it comes. */
const largestAtOnce = 64 << 10;

/** Type and size take at most ten bytes, and the base of a delta by its place as many. */
const longestEntryHeader = 20;

interface EntryHeader {
  type: number;
  /** In bytes, inflated. */
  size: number;
  /** Where its compressed content begins. */
  at: number;
}

/**
 * Walks a pack while it passes, and finds the blobs that are stored in it whole and are smaller than a limit. Memory stays
 * flat: what is larger is inflated only to find its end. Deltas are passed over: what they stand for cannot be told
 * without their bases.
 */
export class SmallBlobs {
  readonly #hashBytes: number;
  readonly #limit: number;
  readonly #found: (content: Buffer) => void;
  /** What has come and is not understood yet. */
  #rest = Buffer.alloc(0);
  /** Entries that are still to come; undefined until the pack's header has been read. */
  #left: number | undefined;
  /** How much of an entry must be there before it is tried again, in bytes. */
  #needed = 0;
  #large: LargeEntry | undefined;

  /**
   * @param limit in bytes
   * @param found takes each blob below it
   */
  constructor(format: ObjectFormat, limit: number, found: (content: Buffer) => void) {
    this.#hashBytes = hashBytes(format);
    this.#limit = limit;
    this.#found = found;
  }

  /** The bytes may be reused once this returns, or once the promise that it returns resolves. */
  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#large) return this.#passLarge(chunk);
    this.#rest = Buffer.concat([this.#rest, chunk]);
    return this.#walk(false);
  }

  /** @throws {HoldfastError} Corrupt where the pack is not what its header says; transient */
  async finish(): Promise<void> {
    await this.#walk(true);
    if (this.#large || this.#left !== 0) throw corrupt('ends within an object');
  }

  #walk(ended: boolean): Promise<void> | undefined {
    if (this.#left === undefined) {
      if (this.#rest.length < packHeaderBytes) return undefined;
      this.#left = this.#rest.readUInt32BE(8);
      this.#rest = this.#rest.subarray(packHeaderBytes);
    }
    if (ended) this.#needed = 0;
    let at = 0;
    while (this.#left > 0 && this.#rest.length - at >= this.#needed) {
      const header = this.#headerAt(at);
      if (!header) break;
      if (header.size > largestAtOnce) {
        this.#left--;
        this.#large = new LargeEntry(header.size);
        const rest = this.#rest.subarray(header.at);
        this.#rest = Buffer.alloc(0);
        return this.#passLarge(rest);
      }
      const used = this.#inflate(header, ended);
      if (used === undefined) {
        // As much again: some compress worse than by nothing.
        this.#needed = Math.max(header.at - at + enough(header.size), this.#needed * 2);
        if (this.#rest.length - at < this.#needed) break;
        continue;
      }
      this.#needed = 0;
      this.#left--;
      at = header.at + used;
    }
    this.#rest = this.#left === 0 ? Buffer.alloc(0) : Buffer.from(this.#rest.subarray(at));
    return undefined;
  }

  /** Undefined where not all of it has come. */
  #headerAt(from: number): EntryHeader | undefined {
    let at = from;
    let byte = this.#rest[at++];
    if (byte === undefined) return undefined;
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let shift = 4; byte & 0x80; shift += 7) {
      byte = this.#rest[at++];
      if (byte === undefined) return undefined;
      size += (byte & 0x7f) * 2 ** shift;
      if (at - from > longestEntryHeader) throw corrupt('has an object of no size');
    }
    if (type === offsetDelta)
      do {
        byte = this.#rest[at++];
        if (byte === undefined) return undefined;
        if (at - from > longestEntryHeader) throw corrupt('has a delta without a base');
      } while (byte & 0x80);
    if (type === refDelta) at += this.#hashBytes;
    return { type, size, at };
  }

  /** @returns how many bytes the content takes; undefined where not all of them have come */
  #inflate({ type, size, at }: EntryHeader, ended: boolean): number | undefined {
    const compressed = this.#rest.subarray(at);
    if (!ended && compressed.length < enough(size)) return undefined;
    try {
      const { buffer, engine } = inflateSync(compressed, {
        info: true,
        chunkSize: Math.max(64, size + 1),
        maxOutputLength: size + 1,
      }) as unknown as { buffer: Buffer; engine: Inflate };
      if (buffer.length !== size) throw corrupt('has an object of another size than it says');
      if (type === blob && size < this.#limit) this.#found(buffer);
      return engine.bytesWritten;
    } catch (error) {
      if (error instanceof HoldfastError) throw error;
      if (isCutOff(error) && !ended) return undefined;
      throw corrupt(`has an object that cannot be inflated: ${messageOf(error)}`);
    }
  }

  async #passLarge(chunk: Buffer): Promise<void> {
    const rest = await this.#large?.write(chunk);
    if (rest === undefined) return;
    this.#large = undefined;
    this.#rest = Buffer.from(rest);
    await this.#walk(false);
  }
}

/** What so many bytes take at most where zlib cannot compress them, with a few to spare. */
function enough(size: number): number {
  return size + (size >> 9) + 64;
}

/** An object that is too large to be held: inflated as it comes, and thrown away. */
class LargeEntry {
  readonly #inflate = createInflate();
  readonly #ended: Promise<void>;
  #isEnded = false;
  #fed = 0;
  #inflated = 0;

  constructor(size: number) {
    this.#ended = new Promise((resolve, reject) => {
      this.#inflate.on('data', (bytes: Buffer) => (this.#inflated += bytes.length));
      this.#inflate.once('end', () => {
        this.#isEnded = true;
        if (this.#inflated === size) resolve();
        else reject(corrupt('has an object of another size than it says'));
      });
      this.#inflate.once('error', (error) =>
        reject(corrupt(`has an object that cannot be inflated: ${messageOf(error)}`)),
      );
    });
    this.#ended.catch(() => undefined);
  }

  /** @returns what follows it; undefined where it goes on */
  async write(chunk: Buffer): Promise<Buffer | undefined> {
    this.#fed += chunk.length;
    const taken = new Promise<void>((resolve) => {
      // Once the object has ended within the chunk this is not called, since the rest of the chunk is not taken.
      this.#inflate.write(chunk, () => resolve());
    });
    await Promise.race([taken, this.#ended]);
    if (!this.#isEnded) return undefined;
    await this.#ended;
    this.#inflate.destroy();
    return chunk.subarray(chunk.length - (this.#fed - this.#inflate.bytesWritten));
  }
}

function isCutOff(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === constants.Z_BUF_ERROR;
}

function corrupt(what: string): HoldfastError {
  return new HoldfastError('Corrupt', `the pack ${what}`, { transient: true });
}
