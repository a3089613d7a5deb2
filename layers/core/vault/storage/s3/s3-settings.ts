import * as v from 'valibot';
import { parse } from '#core/runtime/schema.ts';

/** What the environment says of a store, beyond what all of AWS's tools read. */
export interface S3Settings {
  /** Whether the bucket goes into the host's name also at a store that is not AWS's, instead of into the path. */
  virtualHosted: boolean;
  /** The size of every part of an upload, in bytes; undefined where it is left to the program. */
  partBytes: number | undefined;
}

const MiB = 1 << 20;

const schema = v.object({
  HOLDFAST_S3_ADDRESSING: v.optional(v.picklist(['path', 'virtual'], 'must be path or virtual'), 'path'),
  HOLDFAST_S3_PART_MIB: v.optional(
    v.pipe(
      v.string(),
      // S3 takes parts from 5 MiB on, and a single write to a TLS connection must stay below 2 GiB.
      v.check((text) => /^\d{1,4}$/.test(text) && Number(text) >= 5 && Number(text) <= 1024, 'must be 5 to 1024'),
      v.transform((text) => Number(text) * MiB),
    ),
  ),
});

/** @throws {HoldfastError} ConfigurationInvalid */
export function readS3Settings(env: NodeJS.ProcessEnv = process.env): S3Settings {
  const set = Object.fromEntries(
    Object.keys(schema.entries).flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
  );
  const { HOLDFAST_S3_ADDRESSING: addressing, HOLDFAST_S3_PART_MIB: partBytes } = parse(schema, set, 'the environment');
  return { virtualHosted: addressing === 'virtual', partBytes };
}
