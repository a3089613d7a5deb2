import type { Cost } from './cost.ts';
import type { Command } from './measure-process.ts';

/** One way to do what is being compared. */
export interface Contender {
  name: string;
  /** Makes ready what one run needs in its empty folder, unmeasured. */
  prepare?: (folder: string) => Promise<void>;
  command: (folder: string) => Command;
  /** Looks at what a run left behind. */
  inspect?: (folder: string) => Promise<Outcome>;
}

export interface Outcome {
  /** Bytes of the result. */
  stored?: number;
  /** Bytes on this machine's disk beside the result. */
  left?: number;
  /** Requests that the server was sent. */
  requests?: number;
}

export type Sample = Cost & Outcome;

/** All runs of one contender. */
export interface Row {
  name: string;
  samples: Sample[];
}
