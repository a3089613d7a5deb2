import type { Notice } from '#core/notifications/notice.ts';

/** Whether anyone has started this process who takes what is handed on. */
export function isStartedByRun(): boolean {
  return process.send !== undefined && process.connected;
}

/**
 * Says to `holdfast run`, which has started this process, how it went, by the channel between the two: the notice of its
 * run, or the error with which it ended.
 */
export function handOn(message: { notice: Notice } | { failure: { code: string; message: string } }): void {
  // Who has gone needs nothing any more.
  if (isStartedByRun()) process.send?.(message, undefined, {}, () => undefined);
}
