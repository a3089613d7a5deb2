import * as v from 'valibot';

/** What is sent to the orchestrator other than by AWS itself. */

const start = v.strictObject({
  action: v.literal('start'),
  /** Its name in the settings. */
  fileSystem: v.string(),
  task: v.optional(v.picklist(['backup', 'restore', 'verify']), 'backup'),
  /** When it was asked for; a message that comes twice has the same time, and so makes the same task. */
  asked: v.optional(v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'))),
  /** Whether a caller waits for the answer. */
  interactive: v.optional(v.boolean(), false),
  /** Of a restore and a verification: the newest where it is absent. */
  snapshot: v.optional(v.string()),
  /** Of a restore: what is restored, and where to. */
  path: v.optional(v.string()),
  to: v.optional(v.string()),
  inPlace: v.optional(v.boolean()),
  delete: v.optional(v.boolean()),
  maxDelete: v.optional(v.number()),
  dryRun: v.optional(v.boolean()),
  verify: v.optional(v.picklist(['sample', 'all'])),
});

export type StartMessage = v.InferInput<typeof start>;
export type StartRequest = v.InferOutput<typeof start>;

/** Made by the orchestrator itself, by one-off schedules, except for the janitor's. */
export const messageSchema = v.variant('action', [
  start,
  /** The window is about to end. */
  v.strictObject({ action: v.literal('stop'), id: v.string() }),
  /** Look how far the instance is with shutting down; for the how manieth time. */
  v.strictObject({ action: v.literal('follow'), id: v.string(), attempt: v.number() }),
  /** Find what was left behind, and repair it. */
  v.strictObject({ action: v.literal('janitor') }),
]);

export type Message = v.InferOutput<typeof messageSchema>;

/** What a start answers. */
export const startAnswerSchema = v.variant('outcome', [
  v.strictObject({ outcome: v.literal('started'), id: v.string() }),
  v.strictObject({
    outcome: v.literal('refused'),
    id: v.string(),
    code: v.string(),
    message: v.string(),
    advice: v.optional(v.string()),
  }),
]);

export type StartAnswer = v.InferOutput<typeof startAnswerSchema>;
