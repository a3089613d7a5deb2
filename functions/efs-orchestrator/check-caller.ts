import type { Message } from '#core/filesystems/messages.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { BusEvent } from './events.ts';

/** By which schedules invoke the function. Their role may invoke it by no other alias. */
const scheduleAlias = 'schedule';

/**
 * What a schedule may ask for: to start a backup, and what the function reminds itself of. A restore can delete what it
 * finds, so it is for people to ask for, and not for who has stolen the role of the schedules.
 * @throws {HoldfastError} AccessDenied
 */
export function checkCaller(event: Message | BusEvent, alias: string | undefined): void {
  if (alias !== scheduleAlias) return;
  if ('action' in event && (event.action !== 'start' || event.task === 'backup')) return;
  throw new HoldfastError('AccessDenied', 'a schedule may start backups, and nothing else', {
    advice: 'Restores and verifications are started by people: holdfast restore, holdfast verify.',
  });
}
