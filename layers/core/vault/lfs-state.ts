import * as v from 'valibot';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'));
const oid = v.pipe(v.string(), v.regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be an object id'));
const count = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0, 'must not be negative'));

export const missingObjectSchema = v.strictObject({
  /** SHA-256 of its content. */
  oid: digest,
  bytes: count,
  why: v.string(),
  /** That the server does not have it, or will not give it. */
  gone: v.optional(v.literal(true)),
});

export const lfsStateSchema = v.strictObject({
  /** SHA-256 over the refs that were looked through, as `git.refsDigest`. */
  refsDigest: digest,
  /** The commits, or other objects of Git, whose history was looked through. */
  tips: v.array(oid),
  /** Objects that this snapshot holds, with those in `chain`, and their bytes. */
  objects: count,
  bytes: count,
  /** Objects that are named and are not stored. */
  missing: v.array(missingObjectSchema),
  /** Other servers that the repository's `.lfsconfig` named at any time, and that were not asked. */
  elsewhere: v.array(v.string()),
});

/** What a snapshot says of the objects of Git LFS that its repository names. */
export type LfsState = v.InferOutput<typeof lfsStateSchema>;
export type MissingObject = v.InferOutput<typeof missingObjectSchema>;
