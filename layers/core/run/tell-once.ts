import { hasCode } from '#core/runtime/errors.ts';
import type { Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { notifiedKey, storeOnce } from './run-files.ts';

/**
 * Sends the notification of a run, unless a note says that it was sent: a report that is retried, since its answer was
 * lost, sends none twice. Between sending and noting it can still die; then two are sent, rather than none at
 * all. A caller that must not write the note sends without one: a report that failed for that would be sent again.
 */
export async function tellOnce(
  vault: Vault,
  source: Source,
  run: SnapshotId,
  tell: () => Promise<void>,
): Promise<void> {
  const note = notifiedKey(source, run);
  // Where that cannot be asked, two are better than none.
  const told = await vault.stat(note).catch(() => undefined);
  if (told) return;
  await tell();
  try {
    await storeOnce(vault, note, { time: new Date().toISOString() });
  } catch (error) {
    if (!hasCode(error, 'AccessDenied')) throw error;
  }
}
