/**
 * Names, at the start of what was restored, what it was: not seen by readers, and found again by a restore that was
 * interrupted. Only the first line counts, so what a person wrote never passes for one.
 */
export interface Marker {
  /** `placeholder` for an issue that only takes the place of one that is gone. */
  sort: 'restored' | 'placeholder';
  /** `acme/web/issues/17/comments/5001`; of the parts of a long text the further ones end in `#2`, `#3`. */
  of: string;
  /** The snapshot that it came from. */
  snapshot: string;
}

export function markerLine({ sort, of, snapshot }: Marker): string {
  return `<!-- holdfast:${sort} ${of} ${snapshot} -->`;
}

/** The marker with which a text begins. */
export function markerIn(body: string | null | undefined): Marker | undefined {
  const [, sort, of, snapshot] = /^<!-- holdfast:(restored|placeholder) (\S+) (\S+) -->/.exec(body ?? '') ?? [];
  if ((sort !== 'restored' && sort !== 'placeholder') || of === undefined || snapshot === undefined) return undefined;
  return { sort, of, snapshot };
}
