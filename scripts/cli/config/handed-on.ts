import * as v from 'valibot';

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

/** What a command that `holdfast run` has started says of how it went: `handOn`. */
export type HandedOn = v.InferOutput<typeof handedOnSchema>;

/** @returns undefined for what is not ours */
export function parseHandedOn(message: unknown): HandedOn | undefined {
  const parsed = v.safeParse(handedOnSchema, message);
  return parsed.success ? parsed.output : undefined;
}
