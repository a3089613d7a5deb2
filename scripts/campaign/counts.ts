/** What a campaign has done and seen. */
export interface Counts {
  lives: number;
  /** Backups that were begun. */
  trials: number;
  /** Of the store, of the Git server, of clocks and of stored bytes. */
  faults: number;
  /** Tasks that stopped in the middle for ever, as a process does that is killed; and real processes. */
  kills: number;
  prunes: number;
  verifies: number;
  drills: number;
  /** Snapshots that stood in a vault when it was judged. */
  judged: number;
  /** Of these, such that tell only what has changed of the refs of another one. */
  changesOnly: number;
  /** Of these, restored by git alone; the others had the very same bytes as one that was. */
  restored: number;
  failures: string[];
}

export function noCounts(): Counts {
  return {
    lives: 0,
    trials: 0,
    faults: 0,
    kills: 0,
    prunes: 0,
    verifies: 0,
    drills: 0,
    judged: 0,
    changesOnly: 0,
    restored: 0,
    failures: [],
  };
}
