import type { BackupOptions } from '#core/repositories/backup/options.ts';
import type { HoldfastError } from '#core/runtime/errors.ts';
import type { GitSource, PackageSource } from '#core/sources/source.ts';
import type { SnapshotId } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

export interface ItemRequest<Source = GitSource | PackageSource> {
  source: Source;
  vault: Vault;
  run: SnapshotId;
  options: BackupOptions;
  /** Whether this is part of a run, whose inventory says that the item may be backed up now. */
  announced?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: (item: ManifestItem, bytes: number) => void;
  onRetry?: (item: ManifestItem, error: HoldfastError) => void;
}
