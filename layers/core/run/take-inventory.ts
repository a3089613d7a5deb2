import type { Inventory, ListedSource } from '#core/sources/source.ts';
import type { SnapshotId } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { inventoryKey, itemsKey, readInventory, storeOnce } from './run-files.ts';
import { compareWithEarlier } from './shrinkage.ts';

export interface InventoryRequest {
  source: ListedSource;
  vault: Vault;
  run: SnapshotId;
  /** The share of items that may be gone since the run before, 0 to 1. */
  largestShrinkage: number;
}

/**
 * The first step of a run: lists the source and stores the list. A repeated attempt of the same run takes the list
 * that is stored, so that all its steps speak of the same items.
 */
export async function takeInventory({ source, vault, run, largestShrinkage }: InventoryRequest): Promise<Inventory> {
  const inventory = (await stored(vault, source, run)) ?? (await listed(source, vault, largestShrinkage));
  if (!(await storeOnce(vault, inventoryKey(source.source, run), { format: 1, run, ...inventory })))
    return readInventory(vault, source.source, run);
  return inventory;
}

/** Stores the selected items alone, for a state machine to map over. @param files where the working files of runs are */
export async function storeItems(files: Vault, run: SnapshotId, { source, listed: all }: Inventory): Promise<number> {
  const selected = all.filter(({ skipped }) => skipped === undefined);
  await storeOnce(files, itemsKey(source, run), selected);
  return selected.length;
}

async function listed(source: ListedSource, vault: Vault, largestShrinkage: number): Promise<Inventory> {
  const inventory = await source.inventory();
  const warnings = await compareWithEarlier(vault, inventory, largestShrinkage);
  return { ...inventory, warnings: [...inventory.warnings, ...warnings] };
}

/** Asked by a list: whoever may list only a part of a bucket is refused what is not there, instead of being told so. */
async function stored(vault: Vault, { source }: ListedSource, run: SnapshotId): Promise<Inventory | undefined> {
  const wanted = inventoryKey(source, run);
  for await (const { key } of vault.list(wanted)) if (key === wanted) return readInventory(vault, source, run);
  return undefined;
}
