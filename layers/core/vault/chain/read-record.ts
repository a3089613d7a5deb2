import { createHash } from 'node:crypto';
import type * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Vault } from '../storage/vault.ts';

/** The verdicts of a hundred thousand snapshots take 25 MB. */
const largestRecord = 256 << 20;

/**
 * Reads what a drill, a verification or a removal left, with its SHA-256.
 * @returns undefined where it is gone, damaged, or not what the schema describes
 */
export async function readRecord<const Schema extends v.GenericSchema>(
  vault: Vault,
  key: string,
  schema: Schema,
): Promise<{ content: v.InferOutput<Schema>; sha256: string } | undefined> {
  try {
    const bytes = await readWhole(vault.read(key), largestRecord, key);
    const content = parseJson(schema, bytes.toString('utf8'), key, 'Damaged');
    return { content, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return undefined;
  }
}
