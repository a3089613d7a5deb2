import { hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Catalogue, SnapshotEntry } from '#core/vault/catalogue.ts';
import type { CheckResult } from '#core/vault/checks.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { kindOf, loadKind } from './kinds/table.ts';

/**
 * Reads everything that one snapshot stored and compares it with its manifest: length and SHA-256 of each object,
 * and what its kind can compare besides. Data of earlier snapshots is only looked up here; it is read
 * when those are verified.
 * @throws {HoldfastError} only where the vault cannot be read; damage is a result, not an error
 */
export async function verifySnapshot(
  vault: Vault,
  catalogue: Catalogue,
  entry: SnapshotEntry,
  signal?: AbortSignal,
  onProgress?: (bytes: number) => void,
): Promise<CheckResult> {
  const result: CheckResult = { item: entry.item, snapshot: entry.snapshot, problems: [], bytes: 0 };
  const note = (error: unknown): void => {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    result.problems.push(messageOf(error));
  };
  const manifest = await catalogue.snapshot(entry.item, entry.snapshot).then(
    (snapshot) => snapshot.manifest,
    (error: unknown) => {
      note(error);
      return undefined;
    },
  );
  if (!manifest) return result;
  const kind = await loadKind(kindOf(manifest.item));
  for (const data of manifest.data) {
    throwIfInterrupted(signal);
    const before = result.bytes;
    const count = (bytes: number): void => {
      throwIfInterrupted(signal);
      onProgress?.(before + bytes);
    };
    await kind.verify(vault, data, manifest, count).then(() => (result.bytes += data.bytes), note);
  }
  for (const data of manifest.chain) {
    const found = await vault.stat(data.key);
    if (!found) result.problems.push(`${data.key}, on which it builds, is gone from the vault`);
    else if (found.bytes !== data.bytes)
      result.problems.push(`${data.key}, on which it builds, has ${found.bytes} bytes instead of ${data.bytes}`);
  }
  return result;
}
