import type { Transport } from '#core/git/transport.ts';
import type { Source } from '#core/vault/layout.ts';
import type { ItemMetadata, ManifestItem } from '#core/vault/manifest.ts';

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

/** A place that holds Git repositories. */
export interface GitSource {
  readonly source: Source;
  inventory(): Promise<Inventory>;
  /** A way to one of its repositories. */
  open(item: ManifestItem): Transport;
  /**
   * Where an item is now, asked when the item was not found under its listed name: a renamed or transferred
   * repository keeps its id. Undefined where it is gone.
   */
  locate?(item: ManifestItem): Promise<ManifestItem | undefined>;
  /** What the source knows of an item beside what Git tells. */
  describe?(item: ManifestItem): Promise<ItemDescription>;
  close(): void;
}
