import { itemPrefix } from './layout.ts';
import type { SnapshotId } from './snapshot-id.ts';
import type { CheckedManifest, Manifest, ManifestItem } from './manifest.ts';
import type { RecordsState } from './records-state.ts';

/** What became of one item of a run. Every listed item has exactly one of these. */
export type Outcome = Stored | Unchanged | PackageOutcome | Skipped | Failed;

export interface Stored {
  outcome: 'stored';
  item: ManifestItem;
  /** The snapshot's item prefix and id. */
  prefix: string;
  snapshot: SnapshotId;
  kind: Exclude<Manifest['kind'], 'unchanged'>;
  /** Bytes of data stored by this snapshot. */
  bytes: number;
  /** What of it could not be kept and ought to be, for people: then the run is partial. */
  incomplete?: string;
  /** Of a repository. */
  refs?: number;
  /** Of a dataset. */
  records?: RecordCounts;
  warnings: string[];
}

/** What a snapshot holds of records, of all types together. */
export interface RecordCounts {
  stored: number;
  /** Deleted at the source, and kept. */
  deleted: number;
  /** What could not be read, each with its reason. */
  without: string[];
}

export interface Unchanged {
  outcome: 'unchanged';
  item: ManifestItem;
  prefix: string;
  snapshot: SnapshotId;
  /** The snapshot whose content it shares. */
  since: SnapshotId;
  /** Of a dataset. */
  records?: RecordCounts;
  /** As above. */
  incomplete?: string;
  warnings: string[];
}

/** What became of a package: its versions have snapshots of their own. */
export interface PackageOutcome {
  /** `stored` where at least one version was. */
  outcome: 'stored' | 'unchanged';
  item: ManifestItem;
  versions: VersionCounts;
  /** Bytes of data stored. */
  bytes: number;
  warnings: string[];
}

/** listed = stored + unchanged + skipped, where none failed. */
export interface VersionCounts {
  listed: number;
  stored: number;
  unchanged: number;
  skipped: number;
  /** Versions that the vault has and that are no longer listed. */
  gone: number;
}

export interface Skipped {
  outcome: 'skipped';
  item: ManifestItem;
  reason: string;
}

export interface Failed {
  outcome: 'failed';
  item: ManifestItem;
  /** One of our codes, or the name under which AWS reports its own failure. */
  code: string;
  message: string;
  advice?: string;
}

/** What a snapshot says of the backup that made it. */
export function snapshotOutcome({ manifest }: CheckedManifest): Stored | Unchanged {
  const { item, snapshot, kind, warnings, incomplete } = manifest;
  const common = {
    item,
    prefix: itemPrefix(item.source, item.path),
    snapshot,
    ...(manifest.records && { records: recordCounts(manifest.records, manifest.omitted) }),
    ...(incomplete === undefined ? {} : { incomplete }),
    warnings,
  };
  if (kind === 'unchanged') return { outcome: 'unchanged', ...common, since: manifest.parent?.snapshot ?? snapshot };
  const bytes = manifest.data.reduce((sum, data) => sum + data.bytes, 0);
  const { git } = manifest;
  const refs = git ? { refs: git.refsSince?.total ?? Object.keys(git.refs ?? {}).length } : {};
  return { outcome: 'stored', ...common, kind, bytes, ...refs };
}

function recordCounts({ types }: RecordsState, omitted: Manifest['omitted']): RecordCounts {
  const all = Object.values(types);
  return {
    stored: all.reduce((sum, { stored }) => sum + stored, 0),
    deleted: all.reduce((sum, { deleted }) => sum + deleted, 0),
    without: omitted.map(({ what, why }) => `${what}: ${why}`),
  };
}
