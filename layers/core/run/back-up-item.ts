import { backUpRepository } from '#core/backup/backup-repository.ts';
import type { BackupOptions } from '#core/backup/options.ts';
import type { Failed, PackageOutcome, Stored, Unchanged } from '#core/backup/outcome.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/secrecy.ts';
import type { GitSource, PackageSource } from '#core/sources/source.ts';
import type { SnapshotId } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/vault.ts';

export interface ItemRequest<Source = GitSource | PackageSource> {
  source: Source;
  vault: Vault;
  run: SnapshotId;
  options: BackupOptions;
  signal?: AbortSignal | undefined;
  onProgress?: (item: ManifestItem, bytes: number) => void;
  onRetry?: (item: ManifestItem, error: HoldfastError) => void;
}

/** The second step of a run, for one item. */
export async function backUpItem(
  request: ItemRequest,
  item: ManifestItem,
): Promise<Stored | Unchanged | PackageOutcome> {
  const { source } = request;
  if (source.source !== 'codeartifact') return backUpListed({ ...request, source }, item);
  // Loaded only when it is needed: whoever backs up repositories does without it.
  const { backUpPackageItem } = await import('./back-up-package-item.ts');
  return backUpPackageItem({ ...request, source }, item);
}

/** A repository, followed where it was renamed since it was listed. */
export async function backUpListed(request: ItemRequest<GitSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  try {
    return await backUpAt(request, item);
  } catch (error) {
    if (!hasCode(error, 'SourceMissing')) throw error;
    const now = await request.source.locate?.(item);
    if (!now || now.path.join('/') === item.path.join('/')) throw error;
    return backUpAt(request, now);
  }
}

/** What an error says of an item, fit to be stored and printed. */
export function failure(error: unknown): Pick<Failed, 'code' | 'message' | 'advice'> {
  if (!(error instanceof HoldfastError)) return { code: 'Unexpected', message: mask(messageOf(error)) };
  const advice = error.advice === undefined ? {} : { advice: error.advice };
  return { code: error.code, message: mask(error.message), ...advice };
}

async function backUpAt(request: ItemRequest<GitSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  const { source, vault, options, run, signal, onProgress, onRetry } = request;
  const transport = source.open(item);
  try {
    return await backUpRepository({
      item,
      transport,
      vault,
      snapshot: run,
      options,
      signal,
      ...(source.describe ? { describe: source.describe.bind(source, item) } : {}),
      ...(onProgress ? { onProgress: (bytes: number) => onProgress(item, bytes) } : {}),
      ...(onRetry ? { onRetry: (error: HoldfastError) => onRetry(item, error) } : {}),
    });
  } finally {
    transport.close();
  }
}
