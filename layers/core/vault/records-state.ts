import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0, 'must not be negative'));

const typeSchema = v.strictObject({
  /** Records that are at the source. */
  stored: count,
  /** Records that were deleted there, and whose last state is kept. */
  deleted: count,
  /** Whether nothing of it was left out: `omitted` says what and why. */
  complete: v.boolean(),
  /** Nothing that was changed up to this time, by the source's own clock, is missing. */
  watermark: v.optional(v.string()),
  /** Over all records of a type that is read whole in each run: equal where nothing has changed. */
  digest: v.optional(v.string()),
  /** Digests of the records about the watermark by their keys: the source gives these again. */
  recent: v.optional(v.record(v.string(), v.string())),
});

export const recordsStateSchema = v.strictObject({
  types: v.record(v.string(), typeSchema),
  /** What the dataset remembers from run to run. */
  notes: v.optional(v.record(v.string(), v.string())),
  /** The snapshot for which everything was looked at last. */
  reconciled: v.optional(v.string()),
});

/** What a snapshot says of each type of its records. */
export type RecordTypeState = v.InferOutput<typeof typeSchema>;
export type RecordsState = v.InferOutput<typeof recordsStateSchema>;
