import type { LfsState } from '#core/vault/lfs-state.ts';
import type { Manifest } from '#core/vault/manifest.ts';

/** So many are named one by one; `lfs.missing` in the manifest has them all. */
const mostNamed = 20;

/** In bytes. */
export function sum(objects: readonly { bytes: number }[]): number {
  return objects.reduce((total, { bytes }) => total + bytes, 0);
}

/**
 * What of the objects ought to be kept and is not. What the server itself does not have is no failure of the backup, unless
 * another server has it, which was not asked.
 */
export function incompleteness({ missing, elsewhere }: LfsState): string | undefined {
  const due = missing.filter(({ gone }) => elsewhere.length > 0 || !gone);
  const [first] = due;
  if (!first) return undefined;
  const server = elsewhere.length > 0 ? `; .lfsconfig names ${elsewhere.join(', ')}, which is not asked` : '';
  return `${due.length} objects of Git LFS (${sum(due)} bytes) are not stored: ${first.why}${server}`;
}

export function omissions({ missing }: LfsState): Manifest['omitted'] {
  const named = missing.slice(0, mostNamed).map(({ oid, bytes, why }) => ({ what: `${oid} (${bytes} bytes)`, why }));
  const more = missing.length - named.length;
  return more > 0 ? [...named, { what: `${more} more objects`, why: 'as said of each in lfs.missing' }] : named;
}
