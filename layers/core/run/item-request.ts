import type { BackupOptions } from '#core/repositories/backup/options.ts';
import type { HoldfastError } from '#core/runtime/errors.ts';
import type { ListedSource } from '#core/sources/source.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** @typeParam From the source, or what a kind reads it by */
export interface ItemRequest<From = ListedSource> {
  source: From;
  vault: Vault;
  run: SnapshotId;
  options: BackupOptions;
  /** Whether this is part of a run, whose inventory says that the item may be backed up now. */
  announced?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: (item: ManifestItem, bytes: number) => void;
  onRetry?: (item: ManifestItem, error: HoldfastError) => void;
  /** Told what is about to be done that may take long, or cost money. */
  onNote?: (item: ManifestItem, note: string) => void;
}
