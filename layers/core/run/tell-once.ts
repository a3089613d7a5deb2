import { hasCode } from '#core/runtime/errors.ts';
import type { SnapshotId, Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { notifiedKey, storeOnce } from './run-files.ts';

/**
 * Tells people of a run, unless it was noted that they were told: a report that is tried again, since its answer was
 * lost, tells nobody twice. Between telling and noting it can still die; then people are told twice, rather than not at
 * all. Who may not note it in the vault tells without a note, since a report that failed by that would be told again.
 */
export async function tellOnce(
  vault: Vault,
  source: Source,
  run: SnapshotId,
  tell: () => Promise<void>,
): Promise<void> {
  const note = notifiedKey(source, run);
  // Who may not list a bucket is refused what is not there, instead of being told so.
  const told = await vault.stat(note).catch(() => undefined);
  if (told) return;
  await tell();
  try {
    await storeOnce(vault, note, { time: new Date().toISOString() });
  } catch (error) {
    if (!hasCode(error, 'AccessDenied')) throw error;
  }
}
