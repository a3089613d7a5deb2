import type { Advertisement } from '#core/git/advertisement.ts';
import type { PackInfo } from '#core/git/pack-checker.ts';
import type { Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { SnapshotId } from '#core/vault/layout.ts';
import type { DataObject } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/vault.ts';

export interface ArchiveRequest {
  transport: Transport;
  vault: Vault;
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  listed: Advertisement;
  refs: Refs;
  format: 'tar.gz' | 'zip';
  /** The largest pack that is taken, in bytes. */
  limit: number;
  /** Called with the bytes stored so far. */
  onProgress: (bytes: number) => void;
}

export function archiveRepository(_request: ArchiveRequest): Promise<{ data: DataObject; pack: PackInfo }> {
  return Promise.reject(new HoldfastError('SourceUnsupported', 'archives are not there yet'));
}
