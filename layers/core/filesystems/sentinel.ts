import { lstat, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';

/**
 * In the root of a vault's file system: which one it is, and whose snapshots each label holds. A second witness beside
 * the mount: who mounts something else in its place finds no such file, or one that names another.
 */
export const sentinelName = '.holdfast-efs.json';

const sentinelSchema = v.strictObject({
  format: v.literal(1),
  vault: v.string(),
  /** The id of the source by label. */
  labels: v.record(v.string(), v.string()),
});

export interface Ownership {
  vault: string;
  source: string;
  label: string;
}

/**
 * Checks that the vault is what it should be, and takes the label for this source on first use.
 * @throws {HoldfastError} MountFailed where it is another's
 */
export async function claimVault(mount: string, { vault, source, label }: Ownership): Promise<void> {
  const known = await read(mount);
  if (known === undefined && (await isThere(path.join(mount, label)))) throw missing(mount);
  const sentinel = known ?? { format: 1, vault, labels: {} };
  check(sentinel, { vault, source, label });
  if (sentinel.labels[label] === source) return;
  const text = JSON.stringify({ ...sentinel, labels: { ...sentinel.labels, [label]: source } }, null, 2);
  // So that the next reader finds a complete file or none.
  await writeFile(path.join(mount, `${sentinelName}.new`), `${text}\n`);
  await rename(path.join(mount, `${sentinelName}.new`), path.join(mount, sentinelName));
}

/** As claimVault, where nothing is to be written. @throws {HoldfastError} MountFailed */
export async function checkVault(mount: string, ownership: Ownership): Promise<void> {
  const sentinel = await read(mount);
  if (sentinel === undefined) throw missing(mount);
  check(sentinel, ownership);
}

async function read(mount: string): Promise<v.InferOutput<typeof sentinelSchema> | undefined> {
  const file = path.join(mount, sentinelName);
  try {
    return parseJson(sentinelSchema, await readFile(file, 'utf8'), file, 'MountFailed');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function check(sentinel: v.InferOutput<typeof sentinelSchema>, { vault, source, label }: Ownership): void {
  if (sentinel.vault !== vault)
    throw new HoldfastError('MountFailed', `${sentinelName} says that this is ${sentinel.vault}, not ${vault}`, {
      advice: 'Check what is mounted. To use a copy of a vault, write its own id into that file by hand.',
    });
  const owner = sentinel.labels[label] ?? source;
  if (owner !== source)
    throw new HoldfastError(
      'MountFailed',
      `the label ${label} in ${vault} holds snapshots of ${owner}, not of ${source}`,
      {
        advice: 'Give each source its own label.',
      },
    );
}

function missing(mount: string): HoldfastError {
  return new HoldfastError('MountFailed', `${mount} has no ${sentinelName}, so it is not known to be the vault`, {
    advice: 'Check what is mounted. If it is the vault, put the file back: docs/efs.md describes its content.',
  });
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
