/** What doctor found of one thing that a backup needs. */
export interface Finding {
  verdict: 'good' | 'note' | 'bad';
  what: string;
  /** What to do, where something is to be done. */
  advice?: string | undefined;
}
