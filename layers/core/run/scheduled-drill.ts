import pMap from 'p-map';
import type { Indexer } from '#core/git/pack-index.ts';
import { hasCode, HoldfastError } from '#core/runtime/errors.ts';
import { storeDrillRecord } from '#core/vault/chain/drill-records.ts';
import { verifyChain, type CheckedChain, type KnownReport } from '#core/vault/chain/verify-chain.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { drillTime, readProblems, recordCheck } from '#core/vault/checks.ts';
import { parseVerdictKey, snapshotPrefix, type Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { drillSnapshot } from './drill.ts';
import { waysOf } from './kinds/table.ts';

export interface ScheduledDrill {
  source: Source;
  /** Names the drill: the moment at which it began. */
  drill: SnapshotId;
  began: Date;
  /** In how many drills each snapshot gets its turn that is not the newest of its item. */
  slices: number;
}

/** A snapshot whose turn it is. */
interface Due {
  item: string;
  snapshot: SnapshotId;
}

/** One that was not drilled, and is not proven by that. */
export interface NotDrilled extends Due {
  why: string;
}

export interface DrillLimits {
  indexer: Indexer;
  /** Bytes of data that a snapshot may need, with all on which it builds: of Git, which is indexed, and of all else. */
  largest: { git: number; other: number };
  /** Snapshots at once. */
  concurrency: number;
  /** Fires when no time is left; what is under way then is begun again by the next part. */
  signal: AbortSignal;
}

/** What the chain of the source was like when a drill began: before it gave verdicts of its own. */
export interface DrilledChain extends Pick<CheckedChain, 'links' | 'snapshots' | 'unlisted' | 'roots' | 'problems'> {
  /** How many problems there are; `problems` may have the first of them only. */
  broken: number;
}

/** As many problems as may pass between the steps of a state machine: 256 KiB in all. */
const mostPassedOn = 100;

/** Walks the chain of the source. The first step of a drill. @param known reports that something outside remembers */
export async function beginDrill(
  vault: Vault,
  { source, began }: ScheduledDrill,
  signal: AbortSignal,
  known: readonly KnownReport[] = [],
): Promise<DrilledChain> {
  // Only S3 itself says when it received an object; anyone can set the times of files.
  const chain = await verifyChain(vault, source, {
    ways: waysOf(source),
    readAll: vault.store === undefined,
    began,
    known,
    signal,
  });
  const { links, snapshots, unlisted, roots, problems } = chain;
  return { links, snapshots, unlisted, roots, problems: problems.slice(0, mostPassedOn), broken: problems.length };
}

export interface PartOfDrill {
  /** Snapshots that were drilled. */
  drilled: number;
  /** Bytes that were read. */
  bytes: number;
  /** Snapshots whose turn it still is. */
  left: number;
  /** All that cannot be drilled here, those of the parts before among them. */
  notDrilled: NotDrilled[];
}

/**
 * Drills as many snapshots as there is time for: of each item the newest, and a slice of the others, those first whose
 * last check is the longest ago. What was checked since the drill began is done, so each part goes on where the one before
 * it stopped, whatever became of that.
 * @param before what the parts before could not drill
 */
export async function drillPart(
  vault: Vault,
  drill: ScheduledDrill,
  limits: DrillLimits,
  before: readonly NotDrilled[],
): Promise<PartOfDrill> {
  const catalogue = new Catalogue(vault);
  const notDrilled = new Map(before.map((one) => [snapshotPrefix(one.item, one.snapshot), one]));
  const due = (await dueOf(catalogue, drill)).filter(
    ({ item, snapshot }) => !notDrilled.has(snapshotPrefix(item, snapshot)),
  );
  const part = { drilled: 0, bytes: 0 };
  const isOver = (): boolean => limits.signal.aborted;
  const leave = (one: Due, why: string): void =>
    void notDrilled.set(snapshotPrefix(one.item, one.snapshot), { item: one.item, snapshot: one.snapshot, why });
  await pMap(
    due,
    async (one, at) => {
      if (isOver()) return;
      try {
        const why = await tooLarge(catalogue, one, limits);
        if (why !== undefined) {
          leave(one, why);
          return;
        }
        const result = await drillSnapshot(vault, catalogue, one.item, one.snapshot, limits);
        if (!(await recordCheck(vault, result, 'drill')))
          throw new HoldfastError('StorageFailed', `the verdict on ${one.item}${one.snapshot} cannot be stored`);
        part.drilled++;
        part.bytes += result.bytes;
      } catch (error) {
        // Those that had all the time there is are not tried for ever.
        if (isOver() && at < limits.concurrency) leave(one, 'it takes longer than a function may');
        else if (hasCode(error, 'TooLarge', 'ToolMissing')) leave(one, error.message);
        else if (hasCode(error, 'NotFound') || isOver()) return;
        else throw error;
      }
    },
    { concurrency: limits.concurrency },
  );
  const left = due.length - part.drilled - (notDrilled.size - before.length);
  return { ...part, left: isOver() ? Math.max(0, left) : 0, notDrilled: [...notDrilled.values()] };
}

/** Where a manifest cannot be read, that is for the drill to say. */
async function tooLarge(
  catalogue: Catalogue,
  { item, snapshot }: Due,
  { largest }: DrillLimits,
): Promise<string | undefined> {
  try {
    const { content } = await catalogue.snapshot(item, snapshot);
    const bytes = [...content.chain, ...content.data].reduce((sum, data) => sum + data.bytes, 0);
    if (bytes <= (content.git ? largest.git : largest.other)) return undefined;
    return `${bytes} bytes are too large for the function: holdfast drill proves it on a machine with git`;
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return undefined;
  }
}

/** In the order in which they are drilled. What was checked since the drill began is not among them. */
async function dueOf(catalogue: Catalogue, { source, began, slices }: ScheduledDrill): Promise<Due[]> {
  const newest: Due[] = [];
  const history: (Due & { checked: number })[] = [];
  let checkedNow = 0;
  for await (const { snapshots } of catalogue.items(source)) {
    const whole = snapshots.filter((entry) => entry.hasManifest);
    for (const { item, snapshot, checks } of whole) {
      const checked = Math.max(0, ...checks.map(({ modified }) => modified.getTime()));
      const isNewest = snapshot === whole.at(-1)?.snapshot;
      if (checked >= began.getTime()) checkedNow += isNewest ? 0 : 1;
      else if (isNewest) newest.push({ item, snapshot });
      else history.push({ item, snapshot, checked });
    }
  }
  const slice = Math.ceil((history.length + checkedNow) / slices) - checkedNow;
  history.sort((a, b) => a.checked - b.checked || (a.snapshot < b.snapshot ? -1 : 1));
  return [...newest, ...history.slice(0, Math.max(0, slice)).map(({ item, snapshot }) => ({ item, snapshot }))];
}

/** What a drill has found, as it is stored and told. */
export interface DrillReport {
  how: 'scheduled drill';
  started: string;
  finished: string;
  snapshots: {
    /** There ought to be so many. */
    kept: number;
    intact: number;
    damaged: number;
    notDrilled: number;
    /** Of all that are kept: those that were never checked. */
    neverChecked: number;
  };
  /** Bytes that were read to find out. */
  bytes: number;
  /** What the newest snapshots took to restore, one after the other, by their last drills. */
  restore: { items: number; milliseconds: number };
  damaged: { item: string; snapshot: string; problems: string[] }[];
  notDrilled: NotDrilled[];
  /** Why it ended before every snapshot had its turn; absent where it did not. */
  unfinished?: string;
  chain: DrilledChain;
}

/** Ends a drill: gathers what was found, and stores it with the digests of the verdicts. */
export async function closeDrill(
  vault: Vault,
  { source, drill, began }: ScheduledDrill,
  found: Pick<PartOfDrill, 'bytes' | 'notDrilled'> & { chain: DrilledChain; unfinished: string | undefined },
): Promise<{ report: DrillReport; key: string }> {
  const { bytes, notDrilled, chain, unfinished } = found;
  const verdicts: string[] = [];
  const damaged: DrillReport['damaged'] = [];
  let intact = 0;
  let neverChecked = 0;
  // S3 tells times to the second: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
  const since = Math.floor(began.getTime() / 1000) * 1000;
  const newest: SnapshotEntry[] = [];
  for await (const { snapshots } of new Catalogue(vault).items(source)) {
    newest.push(...snapshots.filter((entry) => entry.hasManifest).slice(-1));
    for (const { item, snapshot, hasManifest, checked, checks } of snapshots) {
      if (!hasManifest) continue;
      if (checked === undefined) neverChecked++;
      if (checked !== undefined && checks.some(({ modified }) => modified.getTime() >= since)) {
        verdicts.push(...checks.map(({ key }) => key).filter((key) => parseVerdictKey(key)));
        if (checked === 'intact') intact++;
        else damaged.push({ item, snapshot, problems: await readProblems(vault, item, snapshot) });
      }
    }
  }
  const report: DrillReport = {
    how: 'scheduled drill',
    started: began.toISOString(),
    finished: new Date().toISOString(),
    snapshots: {
      kept: chain.snapshots + chain.unlisted,
      intact,
      damaged: damaged.length,
      notDrilled: notDrilled.length,
      neverChecked,
    },
    bytes,
    restore: await restoreTime(vault, newest),
    damaged,
    notDrilled,
    ...(unfinished === undefined ? {} : { unfinished }),
    chain,
  };
  const key = await storeDrillRecord(vault, source, drill, { verdicts, roots: chain.roots, content: report });
  return { report, key };
}

const timesReadAtOnce = 16;

/** What the last drills of these snapshots took, added up; those that were not drilled do not count. */
async function restoreTime(vault: Vault, newest: readonly SnapshotEntry[]): Promise<DrillReport['restore']> {
  const intact = newest.filter(({ checked }) => checked === 'intact');
  const times = await pMap(intact, (entry) => drillTime(vault, entry), { concurrency: timesReadAtOnce });
  const known = times.flatMap((time) => time?.milliseconds ?? []);
  return { items: known.length, milliseconds: known.reduce((sum, one) => sum + one, 0) };
}
