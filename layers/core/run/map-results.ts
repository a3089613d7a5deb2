import { createHash } from 'node:crypto';
import pMap from 'p-map';
import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { mask } from '#core/runtime/redact.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { isOfRun, snapshotIdsOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { CheckedManifest, ManifestItem } from '#core/vault/manifest.ts';
import { snapshotOutcome } from '#core/vault/outcome.ts';
import type { Outcome } from '#core/vault/outcome.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { reasonOf } from './events.ts';
import { kindOf, loadKind } from './kinds/table.ts';
import { listedItemSchema } from './run-files.ts';

/**
 * The files that a distributed map writes of its results.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
const manifestSchema = v.object({
  ResultFiles: v.object({
    SUCCEEDED: v.optional(v.array(v.object({ Key: v.string() })), []),
    FAILED: v.optional(v.array(v.object({ Key: v.string() })), []),
    PENDING: v.optional(v.array(v.object({ Key: v.string() })), []),
  }),
});

const executionsSchema = v.array(
  v.object({
    Input: v.string(),
    Output: v.optional(v.string()),
    Error: v.optional(v.string()),
    Cause: v.optional(v.string()),
  }),
);

type Execution = v.InferOutput<typeof executionsSchema>[number];

const inputSchema = v.object({ item: listedItemSchema });

const largestFile = 512 << 20;

/** One after the other, a report would take hours for an account that is backed up in minutes. */
const manifestsAtOnce = 32;

/**
 * What became of the items of a map, as its result files and, for what was stored, the manifests in the vault tell.
 * @param files the bucket that the result files are in
 * @param key of the map's own manifest in that bucket
 * @param digests takes the SHA-256 of each manifest that was read, by its key
 */
export async function mapOutcomes(
  vault: Vault,
  run: SnapshotId,
  files: Vault,
  key: string,
  digests = new Map<string, string>(),
): Promise<Outcome[]> {
  const { ResultFiles } = parseJson(manifestSchema, await textOf(files, key), key, 'Damaged');
  const { SUCCEEDED, FAILED, PENDING } = ResultFiles;
  const catalogue = new Catalogue(vault, (name, bytes) =>
    digests.set(name, createHash('sha256').update(bytes).digest('hex')),
  );
  const outcomes: Outcome[] = [];
  for (const file of SUCCEEDED) {
    const ended = await executions(files, file.Key);
    const read = async (execution: Execution): Promise<Outcome> => {
      const item = itemOf(execution);
      const answer = execution.Output ?? '{}';
      const kind = await loadKind(kindOf(item));
      return kind.outcomeOf?.(item, answer) ?? stored(catalogue, run, item, answer);
    };
    outcomes.push(...(await pMap(ended, read, { concurrency: manifestsAtOnce })));
  }
  for (const file of [...FAILED, ...PENDING]) outcomes.push(...(await executions(files, file.Key)).map(failed));
  return outcomes;
}

/** What the backup of an item answers of its snapshot; a build answers nothing of that. */
const snapshotAnswerSchema = v.object({ prefix: v.optional(v.string()), snapshot: v.optional(v.string()) });

/**
 * Believes the manifest in the vault rather than the word of who says that it wrote one. Where it stands its backup
 * tells; a build does not: then it is the newest of the run, and for an item that was renamed since it was listed the
 * index is asked.
 */
async function stored(catalogue: Catalogue, run: SnapshotId, item: ManifestItem, text: string): Promise<Outcome> {
  const here = itemPrefix(item.source, item.path);
  const answer = parseJson(snapshotAnswerSchema, text, `the answer for ${item.name}`, 'Damaged');
  const { prefix = here, snapshot } = answer;
  const ids = snapshot !== undefined && isOfRun(snapshot, run) ? [snapshot] : snapshotIdsOf(run);
  const found =
    (await newestAt(catalogue, prefix, ids, item)) ??
    (await firstOf(await catalogue.pathsOf(item.source, item.id), (path) =>
      newestAt(catalogue, path, snapshotIdsOf(run), item),
    ));
  if (found) return snapshotOutcome(found);
  return {
    outcome: 'failed',
    item,
    code: 'NotFound',
    message: 'its backup succeeded, but the vault has no snapshot of it',
  };
}

/**
 * The newest snapshot under ids that are taken one after the other. Where a function ran out of time, what it stored by
 * then stands under the first, and what a build made of it under the next.
 */
async function newestAt(
  catalogue: Catalogue,
  prefix: string,
  ids: readonly SnapshotId[],
  item: ManifestItem,
): Promise<CheckedManifest | undefined> {
  let newest: CheckedManifest | undefined;
  for (const id of ids) {
    try {
      const found = await catalogue.manifest(prefix, id);
      if (found.manifest.item.id === item.id) newest = found;
    } catch (error) {
      if (!hasCode(error, 'NotFound')) throw error;
      break;
    }
  }
  return newest;
}

async function firstOf<T, Result>(
  list: readonly T[],
  find: (one: T) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  for (const one of list) {
    const found = await find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function failed(execution: Execution): Outcome {
  const item = itemOf(execution);
  const message = mask(reasonOf(execution.Cause ?? '')) || 'no reason given';
  return { outcome: 'failed', item, code: execution.Error ?? 'Unexpected', message };
}

function itemOf({ Input }: Execution): ManifestItem {
  return parseJson(inputSchema, Input, 'the input of an item', 'Damaged').item.item;
}

async function executions(files: Vault, key: string): Promise<Execution[]> {
  return parseJson(executionsSchema, await textOf(files, key), key, 'Damaged');
}

async function textOf(files: Vault, key: string): Promise<string> {
  return (await readWhole(files.read(key), largestFile, key)).toString('utf8');
}
