/** In which ways snapshots of a source come to a vault, beside runs. */
export interface Ways {
  /** Single items are backed up outside of runs, when an event says that they have changed. */
  readonly byEvents: boolean;
  /** Snapshots are claimed, under ids that follow one another, and so have no run's. */
  readonly byClaims: boolean;
}
