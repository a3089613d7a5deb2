import type { Counts } from './thread-jobs.ts';

export function noCounts(): Counts {
  return { entries: 0, files: 0, bytes: 0, fingerprint: new Uint8Array(32) };
}

/** Adds a part of a tree to what was counted of it before. */
export function addCounts(total: Counts, part: Counts): void {
  total.entries += part.entries;
  total.files += part.files;
  total.bytes += part.bytes;
  for (const [at, byte] of part.fingerprint.entries()) total.fingerprint[at] = (total.fingerprint[at] ?? 0) ^ byte;
}

export function fingerprintOf(counts: Counts): string {
  return Buffer.from(counts.fingerprint).toString('hex');
}
