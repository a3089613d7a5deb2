import * as v from 'valibot';
import { parse } from './schema.ts';

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const flag = v.pipe(
  v.picklist(['true', 'false'], 'must be true or false'),
  v.transform((value) => value === 'true'),
);
const wholeNumber = v.pipe(
  text,
  v.digits('must be a whole number'),
  v.transform(Number),
  v.minValue(1, 'must be at least 1'),
);
const json = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
    try {
      return JSON.parse(dataset.value);
    } catch {
      addIssue({ message: 'must be JSON' });
      return NEVER;
    }
  }),
);

/** What a deployment sets in the environment of its functions. None of it is secret. */
const settings = {
  HOLDFAST_SOURCE: v.picklist(['github'], 'must be github'),
  /** The name of the secret, never its value. */
  HOLDFAST_SECRET: text,
  /** The vault's bucket: the only one that the deployment grants. */
  HOLDFAST_BUCKET: text,
  HOLDFAST_TOPIC: text,
  HOLDFAST_NOTIFY_SUCCESS: v.optional(flag, 'false'),
  HOLDFAST_CONCURRENCY: v.optional(wholeNumber, '10'),
  HOLDFAST_RETENTION: json,
  HOLDFAST_STATE_MACHINE: text,
  /** One item and its run, where CodeBuild takes it over from a Lambda. */
  HOLDFAST_ITEM: json,
  HOLDFAST_RUN: text,
  HOLDFAST_VAULT: text,
};

type Settings = typeof settings;

/**
 * Reads what one function needs, and nothing else. All problems are in one error, which names the variables.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function readConfiguration<const Name extends keyof Settings>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv = process.env,
): { [K in Name]: v.InferOutput<Settings[K]> } {
  const chosen = Object.fromEntries(names.map((name) => [name, settings[name]])) as Pick<Settings, Name>;
  return parse(v.object(chosen), env, "the function's environment");
}
