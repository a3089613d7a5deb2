/** How a ref differs between two snapshots. */
export interface RefChange {
  ref: string;
  /** The object that it named in the earlier snapshot; undefined where it was not there. */
  from: string | undefined;
  /** In the later one; undefined where it is gone. */
  to: string | undefined;
}

/** The refs that differ, in the order of their names. */
export function refChanges(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): RefChange[] {
  return [...new Set([...from.keys(), ...to.keys()])]
    .sort()
    .map((ref) => ({ ref, from: from.get(ref), to: to.get(ref) }))
    .filter((change) => change.from !== change.to);
}
