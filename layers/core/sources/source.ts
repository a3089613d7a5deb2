import type { Transport } from '#core/git/transport.ts';
import type { Source } from '#core/vault/layout.ts';
import type { ItemMetadata, ManifestItem } from '#core/vault/manifest.ts';
import type { LfsSource } from './lfs.ts';
import type { CodeArtifactApi } from './codeartifact/api.ts';
import type { AssetLanes } from './codeartifact/asset-limits.ts';
import type { VersionSummary } from './codeartifact/descriptions.ts';
import type { PackagePlace, VersionPlace } from './codeartifact/places.ts';
import type { RecordSource } from './records.ts';

/** One item as a source lists it. */
export interface ListedItem {
  item: ManifestItem;
  /** Why it is not backed up; absent where it is selected. */
  skipped?: string;
  /** What the source says of its size, in bytes; a guess. */
  estimatedBytes?: number;
}

/** All that a source holds at one moment, each item once, selected or skipped with a reason. */
export interface Inventory {
  source: Source;
  /**
   * What was asked for, so that two inventories can be compared: `org acme`. Absent where every run names its items
   * itself.
   */
  scope?: string;
  listed: ListedItem[];
  /** What the reader should know of the listing itself. */
  warnings: string[];
}

export interface ItemDescription {
  /** Kept in the manifest, so that the item can be made again as it was. */
  metadata: ItemMetadata;
  /** What the source itself calls the item: its ARN. */
  resource?: string | undefined;
  /** The branch at which HEAD points, where Git itself does not tell. */
  defaultBranch?: string | undefined;
}

/** By what each kind of thing reads a source. One line for each kind. */
export interface Feeds {
  repositories: GitSource;
  packages: PackageSource;
  records: RecordSource;
  lfs: LfsSource;
}

/** What sort of thing is kept, and so how it is backed up, verified, drilled and restored. */
export type KindName = keyof Feeds;

/** A place that can say what it holds. */
export interface ListedSource {
  readonly source: Source;
  /** By what the kinds read it that it feeds; which of them an item is of, the source's definition says. */
  readonly feeds: Partial<Feeds>;
  inventory(): Promise<Inventory>;
  close(): void;
}

/** The tags of an npm package and the versions that have them. */
export type ReadNpmTags = (place: PackagePlace) => Promise<Record<string, string>>;

/** What packages are read from. */
export interface PackageSource {
  /** Its API in a region. */
  at(region: string): CodeArtifactApi;
  /** Shared by all that is read of it at the same time. */
  readonly lanes: AssetLanes;
  /** Whether the version's package is one of those that were chosen. */
  selects(place: VersionPlace): boolean;
  /** Why a version is not kept; undefined where it is. */
  leftOut(version: Pick<VersionSummary, 'status' | 'origin'>): string | undefined;
  /** Absent where only the tag `latest` is kept, of which the API tells. */
  readonly npmTags?: ReadNpmTags | undefined;
}

/** What Git repositories are read from. */
export interface GitSource {
  /** A way to one of its repositories. */
  open(item: ManifestItem): Transport;
  /**
   * Where an item is now, asked when the item was not found under its listed name: a renamed or transferred
   * repository keeps its id. Undefined where it is gone.
   */
  locate?(item: ManifestItem): Promise<ManifestItem | undefined>;
  /** What the source knows of an item beside what Git tells. */
  describe?(item: ManifestItem): Promise<ItemDescription>;
}
