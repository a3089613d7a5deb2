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
  /** One of the sources that can be deployed. */
  HOLDFAST_SOURCE: text,
  /** The name of the secret, never its value. */
  HOLDFAST_SECRET: text,
  /** The vault's bucket: the only one that the deployment grants. */
  HOLDFAST_BUCKET: text,
  /** Where in that bucket the source's vault begins: the only place that the deployment grants. */
  HOLDFAST_PREFIX: v.optional(v.string(), ''),
  /** The deployment's own bucket, for its program and the working files of runs. */
  HOLDFAST_ARTIFACTS: text,
  /** What Terraform says of a source that has no secret. */
  HOLDFAST_SETTINGS: json,
  HOLDFAST_TOPIC: text,
  HOLDFAST_NOTIFY_SUCCESS: v.optional(flag, 'false'),
  /** The name of the secret with the addresses of webhooks and heartbeats, where there is one. */
  HOLDFAST_NOTIFY_SECRET: v.optional(text),
  HOLDFAST_CONCURRENCY: v.optional(wholeNumber, '10'),
  HOLDFAST_RETENTION: json,
  HOLDFAST_STATE_MACHINE: text,
  /** The state machine of the runs, whose executions say which reports there ought to be. */
  HOLDFAST_RUNS: v.optional(text),
  /** The state machine of the drills, where there is one. */
  HOLDFAST_DRILLS: v.optional(text),
  /** In how many drills every snapshot has had its turn. */
  HOLDFAST_DRILL_SLICES: v.optional(wholeNumber, '13'),
  /** The CodeBuild project for what does not fit a function. */
  HOLDFAST_PROJECT: text,
  /** One item and its run, where CodeBuild takes it over from a Lambda. */
  HOLDFAST_ITEM: json,
  HOLDFAST_RUN: text,
  HOLDFAST_VAULT: text,
  /** Whether a build restores each new snapshot of a repository once before it counts. */
  HOLDFAST_CHECK_OBJECTS: v.optional(flag, 'false'),
  /** The table of EFS tasks, the bucket of their results and logs, and the file systems by name. */
  HOLDFAST_EFS_TABLE: text,
  HOLDFAST_EFS_LOGS: text,
  HOLDFAST_EFS_FILE_SYSTEMS: json,
  /** The Auto Scaling group whose task an instance takes, and below which folder it mounts file systems. */
  HOLDFAST_EFS_GROUP: text,
  HOLDFAST_EFS_FOLDER: v.optional(text, '/mnt/holdfast'),
  /** The task itself, where it does not stand in the table. */
  HOLDFAST_EFS_TASK: v.optional(json),
  /** By what a function sends itself messages for later. */
  HOLDFAST_SCHEDULER_ROLE: text,
  HOLDFAST_SCHEDULE_GROUP: text,
  HOLDFAST_FUNCTION_ARN: text,
  /** The document of Systems Manager that tells an instance to end its work. */
  HOLDFAST_EFS_STOP_DOCUMENT: text,
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
