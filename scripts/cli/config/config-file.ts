import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';

const options = v.record(v.string(), v.unknown());

/**
 * What a machine without a deployment does by `holdfast run`: the options of the verbs under their own names, so that
 * whatever the command line takes, the file takes.
 */
const configSchema = v.strictObject({
  $schema: v.optional(v.string()),
  vault: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty'))),
  backup: v.pipe(v.array(v.objectWithRest({ source: v.string() }, v.unknown())), v.minLength(1, 'must name a source')),
  prune: v.optional(options),
  drill: v.optional(options),
  notify: v.optional(
    v.strictObject({
      success: v.optional(v.boolean('must be true or false')),
      addressFile: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty'))),
      secret: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty'))),
    }),
  ),
});

export type Config = v.InferOutput<typeof configSchema>;

/** @throws {HoldfastError} Usage where there is no such file; ConfigurationInvalid */
export async function readConfig(file: string): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const missing = systemCode(error) === 'ENOENT';
    throw new HoldfastError(
      'Usage',
      missing ? `there is no configuration file ${file}` : `cannot read the configuration: ${messageOf(error)}`,
      {
        cause: error,
        advice:
          'Name a configuration file by --config (docs/configuration-file.md), or a source of a deployment, as in holdfast run github.',
      },
    );
  });
  return parseJson(configSchema, text, file);
}
