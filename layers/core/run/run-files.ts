import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Inventory } from '#core/sources/source.ts';
import { sources } from '#core/sources/table.ts';
import { runPrefix, type Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { itemSchema } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Report } from './report.ts';

/** A hundred thousand items take about 50 MB. */
const largestFile = 512 << 20;

export const listedItemSchema = v.object({
  item: itemSchema,
  skipped: v.exactOptional(v.string()),
  estimatedBytes: v.exactOptional(v.number()),
});

const inventorySchema = v.object({
  source: v.picklist(sources),
  scope: v.exactOptional(v.string()),
  execution: v.exactOptional(v.string()),
  listed: v.array(listedItemSchema),
  warnings: v.array(v.string()),
});

/** All that the source listed: `inventory.json`. */
export function inventoryKey(source: Source, run: SnapshotId): string {
  return `${runPrefix(source, run)}inventory.json`;
}

/**
 * The selected items alone, as the array over which a state machine maps. Of what only the run itself needs, like its
 * results below `mapPrefix`; so it is not in the vault, which another account may own: Step Functions reads and writes
 * buckets of its own account only.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export function itemsKey(source: Source, run: SnapshotId): string {
  return `${runPrefix(source, run)}items.json`;
}

export function reportKey(source: Source, run: SnapshotId): string {
  return `${runPrefix(source, run)}report.json`;
}

/** The page for people that a deployment makes of the vault when a run has ended. */
export function pageKey(source: Source, run: SnapshotId): string {
  return `${runPrefix(source, run)}report.html`;
}

/** Says that the notification of the run was sent. */
export function notifiedKey(source: Source, run: SnapshotId): string {
  return `${runPrefix(source, run)}notified.json`;
}

/** Where a state machine puts the results of the items, beside the list of them. */
export function mapPrefix(source: Source, run: SnapshotId): string {
  return `${runPrefix(source, run)}map`;
}

/** Which run was the last: a guide for people, overwritten by each run, and found by listing as well. */
function latestKey(source: Source): string {
  return `runs/${source}/latest.json`;
}

/** Says which run was the last, and how it ended. Who may replace nothing in the vault leaves it as it is. */
export async function storeLatest(vault: Vault, { source, run, result }: Report): Promise<void> {
  const latest = { run, result, report: reportKey(source, run) };
  try {
    await vault.replace(latestKey(source), Buffer.from(`${JSON.stringify(latest)}\n`));
  } catch (error) {
    if (!hasCode(error, 'AccessDenied')) throw error;
  }
}

/** @throws {HoldfastError} NotFound, Damaged */
export async function readInventory(
  vault: Vault,
  source: Source,
  run: SnapshotId,
): Promise<Inventory & { execution?: string }> {
  const key = inventoryKey(source, run);
  const text = (await readWhole(vault.read(key), largestFile, key)).toString('utf8');
  return parseJson(inventorySchema, text, key, 'Damaged');
}

/**
 * Stores a file of a run as JSON.
 * @returns false where an earlier attempt of the same run has stored it already: then that one stands
 */
export async function storeOnce(vault: Vault, key: string, content: object): Promise<boolean> {
  try {
    await vault.create(key, Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
    return true;
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
    return false;
  }
}
