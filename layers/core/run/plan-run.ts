import pMap from 'p-map';
import { throwIfInterrupted } from '#core/runtime/errors.ts';
import type { ListedItem } from '#core/sources/source.ts';
import type { Planned } from '#core/vault/planned.ts';
import { failure } from './back-up-item.ts';
import { as, kindOf } from './kinds/table.ts';
import type { RunRequest } from './run.ts';
import { compareWithEarlier } from './shrinkage.ts';

export interface PlanRequest extends Pick<
  RunRequest,
  'source' | 'vault' | 'options' | 'concurrency' | 'largestShrinkage' | 'signal'
> {
  onInventory?: (items: number) => void;
  onPlanned?: (planned: Planned) => void;
}

export interface RunPlan {
  items: Planned[];
  warnings: string[];
}

/**
 * Says what a run would do with every item that the source lists: the same list and the same decisions, but nothing is
 * fetched, and nothing is written to the vault.
 * @throws {HoldfastError} as the run's inventory would
 */
export async function planRun(request: PlanRequest): Promise<RunPlan> {
  const { source, vault, concurrency, largestShrinkage } = request;
  const inventory = await source.inventory();
  const warnings = [...inventory.warnings, ...(await compareWithEarlier(vault, inventory, largestShrinkage))];
  request.onInventory?.(inventory.listed.filter(({ skipped }) => skipped === undefined).length);
  const settle = async (listed: ListedItem): Promise<Planned> => {
    const planned = await planOf(request, listed);
    request.onPlanned?.(planned);
    return planned;
  };
  return { items: await pMap(inventory.listed, settle, { concurrency }), warnings };
}

async function planOf(request: PlanRequest, { item, skipped }: ListedItem): Promise<Planned> {
  if (skipped !== undefined) return { item, plan: 'skipped', why: skipped };
  throwIfInterrupted(request.signal);
  try {
    return await as(kindOf(item), request.source, (kind, source) => kind.plan({ ...request, source }, item));
  } catch (error) {
    throwIfInterrupted(request.signal);
    return { item, plan: 'failed', ...failure(error) };
  }
}
