import { messageOf } from '#core/runtime/errors.ts';
import type { Storage, World } from './world.ts';

/** What CloudWatch knows; undefined where it has no datapoint or cannot be asked, which stops no backup. */
export async function readMetric(
  { storage, log }: Pick<World, 'storage' | 'log'>,
  fileSystem: string,
  name: Parameters<Storage['metric']>[1],
): Promise<number | undefined> {
  try {
    return await storage.metric(fileSystem, name);
  } catch (error) {
    log('warn', 'a metric cannot be read', { fileSystem, name, reason: messageOf(error) });
    return undefined;
  }
}
