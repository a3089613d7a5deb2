import * as v from 'valibot';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
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
 * Compares an inventory with the one before of the same scope, and with the longest of the last few: a token can lose its
 * rights step by step, each of them small enough. An item that is no longer listed is not deleted, only absent: it is
 * said, and its snapshots stay.
 * @param largest the share of items that may be gone, 0 to 1
 * @returns warnings
 * @throws {HoldfastError} SourceShrunk
 */
export async function compareWithEarlier(vault: Vault, inventory: Inventory, largest: number): Promise<string[]> {
  const { source, scope } = inventory;
  const warnings: string[] = [];
  if (scope === undefined) return warnings;
  const runs = (await finishedRuns(vault, source)).toReversed();
  const earlier = await newestList(vault, runs, scope, warnings);
  if (!earlier) return warnings;
  const present = new Set(inventory.listed.map(({ item }) => item.id));
  refuseShrunk(earlier, present, largest);
  for (const before of await longerBefore(vault, runs, earlier, scope))
    if (present.size < (1 - largest) * before.listed.length) refuseShrunk(before, present, largest);
  const gone = earlier.listed.filter(({ item }) => !present.has(item.id));
  warnings.push(
    ...gone.slice(0, mostNamed).map(({ item }) => `${item.name} is no longer listed; its snapshots are kept`),
  );
  if (gone.length > mostNamed) warnings.push(`and ${gone.length - mostNamed} more are no longer listed`);
  return warnings;
}

/** @throws {HoldfastError} SourceShrunk */
function refuseShrunk({ run, listed }: Earlier, present: ReadonlySet<string>, largest: number): void {
  // What belongs to an item that is listed still, such as its wiki, was switched off or not chosen.
  const isPart = (id: string): boolean => id.startsWith(besideAll) || present.has(belongsTo(id));
  const counted = listed.filter(({ item }) => present.has(item.id) || !isPart(item.id));
  const lost = counted.filter(({ item }) => !present.has(item.id));
  if (lost.length <= largest * counted.length) return;
  throw new HoldfastError(
    'SourceShrunk',
    `${lost.length} of the ${counted.length} items listed by run ${run} are no longer listed`,
    {
      advice: 'Check the token and its permissions. If the items really are gone: --accept-shrinkage.',
    },
  );
}

const mostNamed = 20;

/** How the id of an item begins that belongs to all that is listed, such as the settings of its owner. */
const besideAll = '@';

/** The id of the item of which one with this id would be a part: `17.wiki` belongs to `17`. */
function belongsTo(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')));
}

/** How many runs are looked at, those over other selections included; who cannot write reports cannot add to them. */
const mostRead = 20;

/** The newest list of the same scope that the report of its run confirms. */
async function newestList(
  vault: Vault,
  runs: readonly FinishedRun[],
  scope: string,
  warnings: string[],
): Promise<(Earlier & { bytes: number }) | undefined> {
  let read = 0;
  for (const run of runs) {
    if (read === mostRead) break;
    const confirmed = await confirmedList(vault, run, scope, warnings);
    if (confirmed.made) read++;
    if (confirmed.list) return { ...confirmed.list, bytes: run.bytes };
  }
  return undefined;
}

/** How many runs before the last one are looked at for a longer list. */
const mostBefore = 4;

/** A list that is hardly longer shows nothing that the last one does not, and lists of many items take long to read. */
const longerBy = 1.2;

/**
 * The lists of the runs before the last one that are longer. None where the last one itself would have been refused by one
 * of them: then it was accepted that so much has gone.
 */
async function longerBefore(
  vault: Vault,
  runs: readonly FinishedRun[],
  last: Earlier & { bytes: number },
  scope: string,
): Promise<Earlier[]> {
  const before = runs.filter(({ run }) => run < last.run).slice(0, mostBefore);
  const found: Earlier[] = [];
  for (const run of before) {
    if (run.bytes < last.bytes * longerBy) continue;
    const { list } = await confirmedList(vault, run, scope, []);
    if (list && last.listed.length < (1 - defaultLargestShrinkage) * list.listed.length) return [];
    if (list) found.push(list);
  }
  return found;
}

/**
 * Lists are made by those who store snapshots, reports are not: so a list without a report, or with another length than
 * its report says, proves nothing, short or long, and no number of them hides the true ones. Damage to what merely tells
 * of an earlier run must not stop the next.
 */
async function confirmedList(
  vault: Vault,
  { run, inventory, report }: FinishedRun,
  scope: string,
  warnings: string[],
): Promise<{ made: boolean; list?: Earlier }> {
  const vouched = await readWithWarning(vault, reportSchema, report, warnings);
  // A run that could not list its source made no list, so a list that is there was written by another.
  if (!vouched || (vouched.coverage.listed === 0 && vouched.result !== 'complete')) return { made: false };
  if (vouched.scope !== undefined && vouched.scope !== scope) return { made: true };
  const found = await readWithWarning(vault, earlierSchema, inventory, warnings);
  if (found?.scope !== scope) return { made: true };
  if (vouched.coverage.listed === found.listed.length) return { made: true, list: { ...found, run } };
  warnings.push(`${inventory} is not the list that its run reported, so the list was compared with an older one`);
  return { made: true };
}

interface FinishedRun {
  run: string;
  inventory: string;
  /** The length of the list. */
  bytes: number;
  report: string;
}

/** Runs that have both a list and a report, oldest first, without those of a time to come. */
async function finishedRuns(vault: Vault, source: Source): Promise<FinishedRun[]> {
  const lists = new Map<string, { inventory: string; bytes: number }>();
  const finished: FinishedRun[] = [];
  for await (const { key, modified, bytes } of vault.list(`runs/${source}/`)) {
    const [, , run = '', file, ...rest] = key.split('/');
    if (rest.length > 0 || !isSnapshotId(run) || isOfTheFuture(run, modified)) continue;
    const list = lists.get(run);
    if (file === 'inventory.json') lists.set(run, { inventory: key, bytes });
    else if (file === 'report.json' && list) finished.push({ run, ...list, report: key });
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
