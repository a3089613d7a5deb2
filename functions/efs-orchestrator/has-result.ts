import type { ResultOwner } from '#core/filesystems/results.ts';
import { hasCode, messageOf } from '#core/runtime/errors.ts';
import type { World } from './world.ts';

/**
 * Whether the instance has stored how the task ended. What is stored and is not the result of this very task counts
 * for nothing: otherwise anybody who may write there could end a task that runs.
 */
export async function hasResult(world: World, record: ResultOwner): Promise<boolean> {
  try {
    return (await world.results.read(record)) !== undefined;
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    world.log('warn', 'a result that is not trusted', { id: record.BackupId, reason: messageOf(error) });
    return false;
  }
}
