import type { HoldfastError } from '#core/runtime/errors.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { PackageSource } from '#core/sources/source.ts';
import type { ObjectTags, Vault } from '#core/vault/storage/vault.ts';

/** What backing up packages needs beside the place. */
export interface PackageRequest {
  source: PackageSource;
  vault: Vault;
  tags: ObjectTags;
  retry: RetryPolicy;
  signal?: AbortSignal | undefined;
  /** Bytes of assets stored so far. */
  onProgress?: (bytes: number) => void;
  onRetry?: (error: HoldfastError) => void;
}
