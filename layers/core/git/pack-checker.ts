import { createHash } from 'node:crypto';
import { HoldfastError } from '#core/runtime/errors.ts';
import { hashBytes, type ObjectFormat } from './object-format.ts';

export interface PackInfo {
  /** Objects that the pack's header announces. */
  objects: number;
  /** The hash that ends the pack, in hexadecimal. */
  hash: string;
  /** The pack's length with header and trailing hash. */
  bytes: number;
}

const headerBytes = 12;

/** A byte for type and length, and what zlib makes of nothing (RFC 1950, RFC 1951). */
const smallestObject = 9;

/**
 * Checks a pack while it passes (gitformat-pack): the header, and the trailing hash over everything before it.
 * Counting the objects for real would mean inflating each: that is the drill's work. Only a count that cannot be is
 * refused.
 */
export class PackChecker {
  readonly #hash;
  readonly #hashBytes: number;
  /** The last bytes seen: the trailing hash, once the stream is over. */
  #tail = Buffer.alloc(0);
  #header = Buffer.alloc(0);
  #bytes = 0;

  constructor(format: ObjectFormat) {
    this.#hash = createHash(format);
    this.#hashBytes = hashBytes(format);
  }

  update(chunk: Uint8Array): void {
    if (this.#header.length < 12) this.#readHeader(chunk);
    this.#bytes += chunk.length;
    if (chunk.length >= this.#hashBytes) {
      this.#hash.update(this.#tail);
      this.#hash.update(chunk.subarray(0, chunk.length - this.#hashBytes));
      this.#tail = Buffer.from(chunk.subarray(chunk.length - this.#hashBytes));
      return;
    }
    const joined = Buffer.concat([this.#tail, chunk]);
    const passed = Math.max(0, joined.length - this.#hashBytes);
    this.#hash.update(joined.subarray(0, passed));
    this.#tail = joined.subarray(passed);
  }

  /** @throws {HoldfastError} Truncated or Corrupt, both transient: the pack may come whole the next time. */
  finish(): PackInfo {
    if (this.#bytes < headerBytes + this.#hashBytes)
      throw new HoldfastError('Truncated', `the pack ended after ${this.#bytes} bytes`, { transient: true });
    const hash = this.#tail.toString('hex');
    if (this.#hash.digest('hex') !== hash)
      throw new HoldfastError('Corrupt', 'the pack does not match the hash at its end', { transient: true });
    const objects = this.#header.readUInt32BE(8);
    const content = this.#bytes - headerBytes - this.#hashBytes;
    if (objects === 0 ? content > 0 : content < objects * smallestObject)
      throw new HoldfastError('Corrupt', `the pack cannot hold ${objects} objects in ${content} bytes`, {
        transient: true,
      });
    return { objects, hash, bytes: this.#bytes };
  }

  #readHeader(chunk: Uint8Array): void {
    this.#header = Buffer.concat([this.#header, chunk.subarray(0, 12 - this.#header.length)]);
    if (this.#header.length < 12) return;
    const version = this.#header.readUInt32BE(4);
    if (this.#header.toString('latin1', 0, 4) !== 'PACK' || (version !== 2 && version !== 3))
      throw new HoldfastError('Corrupt', 'it does not begin like a pack', { transient: true });
  }
}
