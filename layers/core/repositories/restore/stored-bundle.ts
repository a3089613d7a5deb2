import { openBundle, type OpenBundle } from '#core/git/bundle.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { DataObject } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** Opens a stored bundle. Its end is only reached when all of it was proven. */
export function openStoredBundle(vault: Vault, data: DataObject): Promise<OpenBundle> {
  return asDamage(data.key, openBundle(readProven(vault, data)));
}

/** What is corrupt or cut off is damaged where it comes out of a vault. */
export async function asDamage<T>(key: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!hasCode(error, 'Corrupt', 'Truncated')) throw error;
    throw new HoldfastError('Damaged', `${key}: ${error.message}`, { cause: error });
  }
}
