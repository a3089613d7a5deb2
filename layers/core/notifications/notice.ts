import type { Source } from '#core/vault/layout.ts';

/** How bad something is, by what is not covered, and not by how many errors there were. */
export interface Severity {
  level: 'ok' | 'warning' | 'critical';
  why: string;
}

/** What is said to people about one run, drill or task, whatever it is sent by. */
export interface Notice {
  /** What it is about. */
  kind: 'run' | 'drill' | 'file system' | 'command';
  /** The id of the run or drill: with its kind and source it names the notice, and what comes twice is the same. */
  id: string;
  source?: Source;
  severity: Severity;
  /** One line. */
  subject: string;
  /** All that a person needs, in lines. It quotes names and errors of others, so it may hold anything. */
  text: string;
  /** A time-limited link to the page for people. */
  page?: string | undefined;
  /** The same for programs: the fields of the JSON notification that this kind has. */
  details: Readonly<Record<string, unknown>>;
}
