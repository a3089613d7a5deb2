import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';

const lineSchema = v.strictObject({
  key: v.string(),
  type: v.string(),
  api: v.string(),
  /** The snapshot for which it was found to be gone; `record` is its last state. */
  deleted: v.optional(v.string()),
  record: v.unknown(),
});

/** A line of what is stored: docs/vault-format.md. */
export type RecordLine = v.InferOutput<typeof lineSchema>;

export function writeLine({ key, type, api, deleted, record }: RecordLine): string {
  return JSON.stringify({ key, type, api, ...(deleted === undefined ? {} : { deleted }), record });
}

/** @throws {HoldfastError} Damaged */
export function parseLine(text: string, what: string): RecordLine {
  const line = parseJson(lineSchema, text, what, 'Damaged');
  if (line.record === undefined) throw new HoldfastError('Damaged', `${what} holds no record`);
  return line;
}

/** Tells two states of a record apart, in hexadecimal. */
export function recordDigest(record: unknown): string {
  return createHash('sha256').update(JSON.stringify(record)).digest('hex').slice(0, 32);
}
