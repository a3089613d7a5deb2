import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { itemPrefix, snapshotPrefix, type Source } from './layout.ts';
import type { SnapshotId } from './snapshot-id.ts';
import { itemSchema, type Manifest } from './manifest.ts';
import type { Vault } from './storage/vault.ts';

/**
 * How a backup says that it may be about to build on what is there, so that nothing of it is removed: a run by its
 * inventory, until its report is there; a backup outside of runs by a pin beside the snapshot that it is about to
 * make, until the manifest is there.
 */

/** No backup takes longer: a run in AWS has five days. What began earlier and has not ended is dead. */
export const longestRunMs = 7 * 86_400_000;

const pinEnding = '-building.pin';

/** Where a backup outside of a run says that it is about to make a snapshot. @param attempt that no other has */
function pinKey(item: string, id: SnapshotId, attempt: string): string {
  return `${snapshotPrefix(item, id)}${attempt}${pinEnding}`;
}

/** Says that a snapshot is about to be made, for as long as its manifest is not there. @returns the key of the pin */
export async function pinned(vault: Vault, { item, snapshot }: Manifest): Promise<string> {
  const key = pinKey(itemPrefix(item.source, item.path), snapshot, randomBytes(4).toString('hex'));
  await vault.create(key, Buffer.alloc(0));
  return key;
}

export function isPin(key: string): boolean {
  return key.endsWith(pinEnding);
}

const inventorySchema = v.object({ listed: v.array(v.object({ item: itemSchema })) });

const largestInventory = 512 << 20;

/** The items that runs are at work on, by the prefix of each: the run. */
export async function itemsUnderWay(vault: Vault, source: Source, since: Date): Promise<Map<string, string>> {
  const runs = new Map<string, { inventory?: { key: string; modified: Date }; ended: boolean }>();
  for await (const { key, modified } of vault.list(`runs/${source}/`)) {
    const [, , run = '', name] = key.split('/');
    const known = runs.get(run) ?? { ended: false };
    runs.set(run, known);
    if (name === 'inventory.json') known.inventory = { key, modified };
    if (name === 'report.json') known.ended = true;
  }
  const items = new Map<string, string>();
  for (const [run, { inventory, ended }] of runs) {
    if (!inventory || ended || inventory.modified < since) continue;
    for (const prefix of await prefixesIn(vault, inventory.key)) items.set(prefix, run);
  }
  return items;
}

async function prefixesIn(vault: Vault, key: string): Promise<string[]> {
  try {
    const text = (await readWhole(vault.read(key), largestInventory, key)).toString('utf8');
    return parseJson(inventorySchema, text, key, 'Damaged').listed.map(({ item }) =>
      itemPrefix(item.source, item.path),
    );
  } catch (error) {
    // A run whose own list is damaged backs up nothing.
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return [];
  }
}
