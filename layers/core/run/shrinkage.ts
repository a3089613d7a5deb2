import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/http.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Inventory } from '#core/sources/source.ts';
import type { Source } from '#core/vault/layout.ts';
import { isOfTheFuture, isSnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** The part of an earlier `inventory.json` that matters here; the rest may come from a later version. */
const earlierSchema = v.object({
  scope: v.optional(v.string()),
  listed: v.array(v.object({ item: v.object({ id: v.string(), name: v.string() }), skipped: v.optional(v.string()) })),
});

/** The part of a run's report that confirms its list. */
const reportSchema = v.object({
  scope: v.optional(v.string()),
  result: v.string(),
  coverage: v.object({ listed: v.number() }),
});

type Earlier = v.InferOutput<typeof earlierSchema> & { run: string };

/** Beyond this share of items gone at once, a fault is likelier than a clean-up. */
export const defaultLargestShrinkage = 0.5;

/**
 * Compares an inventory with the one before of the same scope. An item that is no longer listed is not deleted, only
 * absent: it is said, and its snapshots stay.
 * @param largest the share of items that may be gone, 0 to 1
 * @returns warnings
 * @throws {HoldfastError} SourceShrunk
 */
export async function compareWithEarlier(vault: Vault, inventory: Inventory, largest: number): Promise<string[]> {
  const { source, scope } = inventory;
  const warnings: string[] = [];
  const earlier = scope === undefined ? undefined : await earlierInventory(vault, source, scope, warnings);
  if (!earlier) return warnings;
  const present = new Set(inventory.listed.map(({ item }) => item.id));
  // What belongs to an item that is listed still, such as its wiki, was switched off or not chosen.
  const counted = earlier.listed.filter(({ item }) => present.has(item.id) || !present.has(belongsTo(item.id)));
  const lost = counted.filter(({ item }) => !present.has(item.id));
  if (lost.length > largest * counted.length)
    throw new HoldfastError(
      'SourceShrunk',
      `${lost.length} of the ${counted.length} items listed by run ${earlier.run} are no longer listed`,
      {
        advice: 'Check the token and its permissions. If the items really are gone: --accept-shrinkage.',
      },
    );
  const gone = earlier.listed.filter(({ item }) => !present.has(item.id));
  warnings.push(
    ...gone.slice(0, mostNamed).map(({ item }) => `${item.name} is no longer listed; its snapshots are kept`),
  );
  if (gone.length > mostNamed) warnings.push(`and ${gone.length - mostNamed} more are no longer listed`);
  return warnings;
}

const mostNamed = 20;

/** The id of the item of which one with this id would be a part: `17.wiki` belongs to `17`. */
function belongsTo(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')));
}

/** How many runs are looked at, those over other selections included; who cannot write reports cannot add to them. */
const mostRead = 20;

/**
 * The newest list of the same scope that the report of its run confirms. Lists are made by those who store snapshots,
 * reports are not: so a list without a report, or with another length than its report says, proves nothing, short or
 * long, and no number of them hides the true ones. Damage to what merely tells of an earlier run must not stop the next.
 */
async function earlierInventory(
  vault: Vault,
  source: Source,
  scope: string,
  warnings: string[],
): Promise<Earlier | undefined> {
  let read = 0;
  for (const { run, inventory, report } of (await finishedRuns(vault, source)).toReversed()) {
    if (read === mostRead) break;
    const vouched = await readWithWarning(vault, reportSchema, report, warnings);
    // A run that could not list its source made no list, so a list that is there was written by another.
    if (!vouched || (vouched.coverage.listed === 0 && vouched.result !== 'complete')) continue;
    read++;
    if (vouched.scope !== undefined && vouched.scope !== scope) continue;
    const found = await readWithWarning(vault, earlierSchema, inventory, warnings);
    if (found?.scope !== scope) continue;
    if (vouched.coverage.listed === found.listed.length) return { ...found, run };
    warnings.push(`${inventory} is not the list that its run reported, so the list was compared with an older one`);
  }
  return undefined;
}

interface FinishedRun {
  run: string;
  inventory: string;
  report: string;
}

/** Runs that have both a list and a report, oldest first, without those of a time to come. */
async function finishedRuns(vault: Vault, source: Source): Promise<FinishedRun[]> {
  const lists = new Map<string, string>();
  const finished: FinishedRun[] = [];
  for await (const { key, modified } of vault.list(`runs/${source}/`)) {
    const [, , run = '', file, ...rest] = key.split('/');
    if (rest.length > 0 || !isSnapshotId(run) || isOfTheFuture(run, modified)) continue;
    const inventory = lists.get(run);
    if (file === 'inventory.json') lists.set(run, key);
    else if (file === 'report.json' && inventory !== undefined) finished.push({ run, inventory, report: key });
  }
  return finished;
}

/** Undefined where it cannot be read, which is said. */
async function readWithWarning<Schema extends v.GenericSchema>(
  vault: Vault,
  schema: Schema,
  key: string,
  warnings: string[],
): Promise<v.InferOutput<Schema> | undefined> {
  try {
    const text = (await readWhole(vault.read(key), 512 << 20, key)).toString('utf8');
    return parseJson(schema, text, key, 'Damaged');
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    warnings.push(`${key} cannot be read, so the list was compared with an older one`);
    return undefined;
  }
}
