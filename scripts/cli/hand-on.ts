import * as v from 'valibot';
import type { Notice } from '#core/notifications/notice.ts';

/**
 * What a command that `holdfast run` has started says to it of how it went, by the channel between the two: the notice of
 * its run, or the error with which it ended.
 */
const handedOnSchema = v.union([
  v.object({
    notice: v.object({
      kind: v.picklist(['run', 'drill', 'file system', 'command']),
      id: v.string(),
      severity: v.object({ level: v.picklist(['ok', 'warning', 'critical']), why: v.string() }),
      subject: v.string(),
      text: v.string(),
      details: v.record(v.string(), v.unknown()),
    }),
  }),
  v.object({ failure: v.object({ code: v.string(), message: v.string() }) }),
]);

export type HandedOn = v.InferOutput<typeof handedOnSchema>;

/** Whether anyone has started this process who takes what is handed on. */
export function isStartedByRun(): boolean {
  return process.send !== undefined && process.connected;
}

export function handOn(message: { notice: Notice } | { failure: { code: string; message: string } }): void {
  // Who has gone needs nothing any more.
  if (isStartedByRun()) process.send?.(message, undefined, {}, () => undefined);
}

/** @returns undefined for what is not ours */
export function parseHandedOn(message: unknown): HandedOn | undefined {
  const parsed = v.safeParse(handedOnSchema, message);
  return parsed.success ? parsed.output : undefined;
}
