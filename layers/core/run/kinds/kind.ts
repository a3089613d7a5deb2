import type { Indexer } from '#core/git/pack-index.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { Snapshot } from '#core/vault/catalogue.ts';
import type { DataObject, Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { Outcome, PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { ItemRequest } from '../item-request.ts';

/** What can be done with a stored snapshot of a kind, its source forgotten. */
export interface StoredKind {
  /**
   * Reads a data object of a snapshot and compares it with the snapshot's own manifest.
   * @param count takes the bytes that were read so far, and may end it by throwing
   * @throws {HoldfastError} Damaged, NotFound
   */
  verify(vault: Vault, data: DataObject, manifest: Manifest, count: (bytes: number) => void): Promise<void>;
  /**
   * Proves that a snapshot restores, by reading back all that a restore would need. Nothing is left of it afterwards.
   * @param proof is filled in as far as the drill comes
   * @throws {HoldfastError} Damaged where the snapshot does not restore
   */
  drill(request: DrillRequest, proof: Proof): Promise<void>;
  /**
   * What became of an item, by what the step of a run in AWS answered that backed it up. Absent where the snapshot of
   * the run tells.
   * @param answer JSON
   */
  outcomeOf?(item: ManifestItem, answer: string): Outcome;
}

/** A kind of thing that is kept. @typeParam From by what it reads a source */
export interface Kind<From> extends StoredKind {
  backUp(request: ItemRequest<From>, item: ManifestItem): Promise<Stored | Unchanged | PackageOutcome>;
  /** Says what a backup would do. Fetches no content and writes nothing. */
  plan(
    request: Pick<ItemRequest<From>, 'source' | 'vault' | 'options' | 'signal'>,
    item: ManifestItem,
  ): Promise<Planned>;
}

export interface DrillOptions {
  indexer: Indexer;
  signal?: AbortSignal | undefined;
  onProgress?: (bytes: number) => void;
  onPhase?: (phase: Phase) => void;
  /** Called once it is known how many bytes will be read. */
  onTotal?: (bytes: number) => void;
}

export interface DrillRequest extends DrillOptions {
  vault: Vault;
  snapshot: Snapshot;
}

/** What a drill went through. */
export interface Proof {
  /** Bytes that were read. */
  bytes: number;
  /** How much of what was proven, by its name in the singular: `{ ref: 3, object: 120 }`. */
  proven: Record<string, number>;
}
