import { createHash } from 'node:crypto';
import type { ObjectFormat } from './object-format.ts';

/** A pack without objects: header, count zero, hash. What a bundle holds when refs moved to objects held already. */
export function emptyPack(format: ObjectFormat): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  return Buffer.concat([header, createHash(format).update(header).digest()]);
}
