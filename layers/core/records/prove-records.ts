import type { DataObject } from '#core/vault/manifest.ts';
import { proveBytes } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { readObject } from './read-records.ts';

/**
 * Reads a data object of a snapshot of records and compares it with the manifest: length and SHA-256, and of records also
 * that each line is one, how many there are, and their order.
 * @param count takes the bytes that were read so far, and may end it by throwing
 * @throws {HoldfastError} Damaged
 */
export async function proveRecordData(
  vault: Vault,
  data: DataObject,
  count: (bytes: number) => void = () => undefined,
): Promise<void> {
  if (data.format === 'records') {
    for await (const _line of readObject(vault, data)) count(0);
    count(data.bytes);
    return;
  }
  await proveBytes(vault, data, count);
}
