import { HoldfastError } from '#core/runtime/errors.ts';
import type { Inventory, ListedSource } from '#core/sources/source.ts';
import { isListed } from '#core/vault/is-listed.ts';
import { nextId, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { signVault } from '#core/vault/vault-sign.ts';
import { inventoryKey, itemsKey, readInventory, storeOnce } from './run-files.ts';
import { compareWithEarlier } from './shrinkage.ts';

export interface InventoryRequest {
  source: ListedSource;
  vault: Vault;
  run: SnapshotId;
  /** The share of items that may be gone since the run before, 0 to 1. */
  largestShrinkage: number;
}

/** What a run is about to do. */
export interface TakenInventory {
  /** The id that the run has from now on, and no other run of this source. */
  run: SnapshotId;
  inventory: Inventory;
}

/** Runs that may begin at the same millisecond. */
const mostAtOnce = 10_000;

/**
 * The first step of a run: lists the source and stores the list, which makes the id of the run its own. Where another run
 * began at the same millisecond, this one takes the next that is free.
 */
export async function takeInventory({
  source,
  vault,
  run: asked,
  largestShrinkage,
}: InventoryRequest): Promise<TakenInventory> {
  const inventory = await listed(source, vault, largestShrinkage);
  let run = asked;
  for (let tries = 0; tries < mostAtOnce; tries++, run = nextId(run))
    if (await storeOnce(vault, inventoryKey(source.source, run), { format: 1, run, ...inventory }))
      return { run, inventory };
  throw new HoldfastError('Busy', `no id near ${asked} is free for a run`);
}

/**
 * The same for a step that may be repeated: an attempt of the same execution takes the list that is stored, so that all
 * its steps speak of the same items.
 * @param execution names what the step belongs to
 * @throws {HoldfastError} AlreadyExists where the id belongs to another execution
 */
export async function takeInventoryOf(execution: string, request: InventoryRequest): Promise<Inventory> {
  const { source, vault, run, largestShrinkage } = request;
  const key = inventoryKey(source.source, run);
  if (await isListed(vault, key)) return ownInventory(execution, request);
  const inventory = await listed(source, vault, largestShrinkage);
  const stored = await storeOnce(vault, key, { format: 1, run, execution, ...inventory });
  return stored ? inventory : ownInventory(execution, request);
}

/** The execution's name is not to be guessed, while the id of its run is: one that is not named is not taken. */
async function ownInventory(execution: string, { source, vault, run }: InventoryRequest): Promise<Inventory> {
  const { execution: owner, ...inventory } = await readInventory(vault, source.source, run);
  if (owner === execution) return inventory;
  throw new HoldfastError(
    'AlreadyExists',
    `another run over ${source.source} began in the same millisecond, as ${run}`,
    {
      advice: 'Start the run again.',
    },
  );
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
  const unsigned = await signVault(vault);
  return { ...inventory, warnings: [...inventory.warnings, ...warnings, ...unsigned] };
}
