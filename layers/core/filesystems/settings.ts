import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';

/** What a deployment sets beside these ends up in names of schedules, which have 64 characters. */
const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'must be at most 20 lower-case letters, digits and hyphens'),
);
const fileSystem = v.object({ id: v.string(), accessPoint: v.nullish(v.string()) });
const wholeNumber = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(1, 'must be at least 1'));

const fileSystemSchema = v.object({
  /** What is kept. */
  source: fileSystem,
  /** What holds its snapshots. */
  vault: fileSystem,
  /** The Auto Scaling group that starts its instance. */
  group: v.string(),
  /** The names of the group's lifecycle hooks. */
  hooks: v.object({ launch: v.string(), terminate: v.string() }),
  label: v.string(),
  interval: v.string(),
  /** How many snapshots are kept: EFS allows a file 177 hard links, one for each snapshot that has it. */
  retain: v.pipe(wholeNumber, v.maxValue(150, 'must be at most 150')),
  windowMinutes: wholeNumber,
  prefix: v.nullish(v.string()),
  workers: v.nullish(wholeNumber),
  acceptEmpty: v.nullish(v.boolean()),
});

const fileSystemsSchema = v.record(name, fileSystemSchema);

/** One file system that is backed up, as Terraform describes it. */
export type FileSystemSettings = v.InferOutput<typeof fileSystemSchema> & { name: string };

/**
 * All file systems of a deployment, by what HOLDFAST_EFS_FILE_SYSTEMS says.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseFileSystems(input: unknown): FileSystemSettings[] {
  const parsed = parse(fileSystemsSchema, input, 'HOLDFAST_EFS_FILE_SYSTEMS');
  return Object.entries(parsed).map(([called, settings]) => ({ ...settings, name: called }));
}

/** @throws {HoldfastError} NotFound */
export function findFileSystem(all: readonly FileSystemSettings[], wanted: string): FileSystemSettings {
  const found = all.find((fileSystem) => fileSystem.name === wanted);
  if (found) return found;
  throw new HoldfastError('NotFound', `the deployment has no file system ${JSON.stringify(wanted)}`, {
    advice: `It has ${all.map((fileSystem) => fileSystem.name).join(', ') || 'none'}.`,
  });
}
