/** The ids of snapshots and runs: times, written so that they sort and that every file system can hold them. */

/** UTC, to the millisecond, in a form that sorts and that every file system can hold: `2026-11-20T094512.345Z`. */
export type SnapshotId = string;

const snapshotIdPattern = /^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z$/;

export function snapshotIdOf(time: Date): SnapshotId {
  return time.toISOString().replace(/(\d\d):(\d\d):(\d\d)/, '$1$2$3');
}

/** The id of the millisecond after. */
export function nextId(id: SnapshotId): SnapshotId {
  return snapshotIdOf(new Date(timeOf(id).getTime() + 1));
}

/** The moment that a snapshot id names. */
export function timeOf(id: SnapshotId): Date {
  return new Date(id.replace(/T(\d\d)(\d\d)(\d\d)/, 'T$1:$2:$3'));
}

/** Clocks of machines may be wrong by so much. */
const clockSkewMs = 86_400_000;

/** Whether an id is more than a day later than now or than storage received its object: then it is forged. */
export function isOfTheFuture(id: SnapshotId, received?: Date): boolean {
  const latest = Math.min(Date.now(), received?.getTime() ?? Infinity);
  return timeOf(id).getTime() > latest + clockSkewMs;
}

export function isSnapshotId(text: string): boolean {
  if (!snapshotIdPattern.test(text)) return false;
  const time = timeOf(text);
  // JavaScript takes the 30th of February for the 2nd of March.
  return !Number.isNaN(time.getTime()) && snapshotIdOf(time) === text;
}

/** How many ids a run may use for an item, from its own on: where one is taken by what is not its own, the next. */
const idsOfRun = 10;

/** The ids that a run may give to a snapshot, in the order in which they are tried. */
export function snapshotIdsOf(run: SnapshotId): SnapshotId[] {
  return Array.from({ length: idsOfRun }, (_, index) => snapshotIdOf(new Date(timeOf(run).getTime() + index)));
}

export function isOfRun(snapshot: SnapshotId, run: SnapshotId): boolean {
  const after = timeOf(snapshot).getTime() - timeOf(run).getTime();
  return after >= 0 && after < idsOfRun && isSnapshotId(snapshot);
}
