import type { SnapshotId } from '#core/vault/layout.ts';
import type { Manifest, ManifestItem } from '#core/vault/manifest.ts';

/** What became of one item of a run. Every listed item has exactly one of these. */
export type Outcome = Stored | Unchanged | Skipped | Failed;

export interface Stored {
  outcome: 'stored';
  item: ManifestItem;
  /** The snapshot's item prefix and id. */
  prefix: string;
  snapshot: SnapshotId;
  kind: Exclude<Manifest['kind'], 'unchanged'>;
  /** Bytes of data stored by this snapshot. */
  bytes: number;
  refs: number;
  warnings: string[];
}

export interface Unchanged {
  outcome: 'unchanged';
  item: ManifestItem;
  prefix: string;
  snapshot: SnapshotId;
  /** The snapshot whose content it shares. */
  since: SnapshotId;
  warnings: string[];
}

export interface Skipped {
  outcome: 'skipped';
  item: ManifestItem;
  reason: string;
}

export interface Failed {
  outcome: 'failed';
  item: ManifestItem;
  /** One of our codes, or the name under which AWS reports a failure of its own. */
  code: string;
  message: string;
  advice?: string;
}
