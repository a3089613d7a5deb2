/** What one run of a process cost, its children included. */
export interface Cost {
  /** Seconds from start to end. */
  wall: number;
  /** Seconds of processor time, in user mode and in the system. */
  cpu: number;
  /** Bytes of memory that the largest single process held at its peak; undefined where nothing can tell. */
  peak?: number | undefined;
  /** Bytes that were written to disk, deleted ones too; undefined where nothing can tell. */
  written?: number | undefined;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const above = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const below = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  return (above + below) / 2;
}
