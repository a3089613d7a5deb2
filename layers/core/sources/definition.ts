import type { Source } from '#core/vault/layout.ts';
import type { KindName } from './source.ts';

/** What is known of a source without asking it; cheap to load. */
export interface SourceDefinition {
  readonly name: Source;
  /** Which kind feeds on the item at this path. */
  kindOf(path: readonly string[]): KindName;
}
