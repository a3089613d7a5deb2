import type { Source } from '#core/vault/layout.ts';
import type { Deployed } from './deployed.ts';
import type { KindName } from './source.ts';

/** What is known of a source without asking it; cheap to load. */
export interface SourceDefinition {
  readonly name: Source;
  /** What people call it. */
  readonly label: string;
  /** The kinds that feed on it. */
  readonly kinds: readonly KindName[];
  /** Which kind feeds on the item at this path. */
  kindOf(path: readonly string[]): KindName;
  /** Absent where it is backed up from the command line alone. */
  readonly deployed?: Deployed;
}
