import { itemPrefix, parseSnapshotKey, snapshotPrefix, type Source } from '../layout.ts';
import { isSnapshotId, snapshotIdOf, timeOf, type SnapshotId } from '../snapshot-id.ts';
import { isManifest } from './chain-files.ts';
import { chainKey, type ChainList, type ChainProblem } from './read-chain.ts';
import type { Ways } from './ways.ts';

/** What a report says of the snapshots that its run made. */
export interface ReportedItems {
  /** The prefixes of those that it names. */
  named: ReadonlySet<string>;
  /** The prefixes of items that failed: a backup can fail when its snapshot is stored already. */
  failed: ReadonlySet<string>;
}

/** So many milliseconds after its run a snapshot may be dated: `snapshotIdsOf`. */
const idsOfRun = 10;

/** Events are tried again for 14 days, and a run that is taken up again goes on under its old name for 19. */
const latestArrivalMs = 20 * 86_400_000;

/**
 * Whether snapshots came in the way in which snapshots come. Each is made by a run, which has its id and has it in its
 * list and its report, or where there are events by one of these. A snapshot that was stored in another way is a
 * stranger: no one can put one between the true ones unseen.
 */
export class Origins {
  readonly #source: Source;
  readonly #ways: Ways;
  readonly #lists: readonly ChainList[];
  readonly #reported: ReadonlyMap<SnapshotId, ReportedItems>;
  readonly #runs = new Set<SnapshotId>();

  /** @param present the keys of all that is there */
  constructor(
    source: Source,
    ways: Ways,
    lists: readonly ChainList[],
    present: Iterable<string>,
    reported: ReadonlyMap<SnapshotId, ReportedItems>,
  ) {
    this.#source = source;
    this.#ways = ways;
    this.#lists = lists;
    this.#reported = reported;
    for (const key of present) {
      const [top, , run = ''] = key.split('/');
      if (top === 'runs') this.#runs.add(run);
    }
  }

  /** @param unlisted the keys of what is there and in no list */
  strangers(unlisted: ReadonlySet<string>): ChainProblem[] {
    // What was there before the chain began is taken as it was.
    const [first, ...lists] = this.#lists;
    if (!first) return [];
    const found = new Map<string, ChainProblem>();
    const ended = new Set([first.run]);
    const judge = (key: string, list?: ChainList): void => {
      const why = isManifest(key) ? this.#strangeSnapshot(key, ended, list) : undefined;
      if (why !== undefined) found.set(key, { what: 'added', key, why });
    };
    for (const list of lists) {
      for (const key of list.digests.keys()) judge(key, list);
      ended.add(list.run);
    }
    const newest = [...ended].sort().at(-1) ?? first.run;
    for (const key of unlisted) {
      judge(key);
      if (wasDue(key, newest))
        found.set(key, { what: 'added', key, why: 'it has a time long before lists that do not have it' });
    }
    return [...found.values()];
  }

  #strangeSnapshot(key: string, ended: ReadonlySet<SnapshotId>, list: ChainList | undefined): string | undefined {
    if (this.#ways.byClaims) return undefined;
    const { item = '', snapshot = '' } = parseSnapshotKey(key) ?? {};
    const run = this.#runOf(snapshot);
    if (run === undefined) return this.#ways.byEvents ? undefined : 'no run of that time has made it';
    if (ended.has(run)) return `it came after ${chainKey(this.#source, run)}, the list of its own run`;
    const report = list?.run === run ? this.#reported.get(run) : undefined;
    if (report && !report.named.has(snapshotPrefix(item, snapshot)) && !report.failed.has(item))
      return 'the report of its run does not name it';
    return undefined;
  }

  #runOf(snapshot: SnapshotId): SnapshotId | undefined {
    for (let after = 0; after < idsOfRun; after++) {
      const run = snapshotIdOf(new Date(timeOf(snapshot).getTime() - after));
      if (this.#runs.has(run)) return run;
    }
    return undefined;
  }
}

/** Whether something that is in no list has a time so long before the newest list that it would have to be in one. */
function wasDue(key: string, newest: SnapshotId): boolean {
  const parts = key.split('/');
  const id = [parts.at(-2) ?? '', (parts.at(-1) ?? '').replace(/\.json$/, '')].find(isSnapshotId);
  return id !== undefined && timeOf(id).getTime() < timeOf(newest).getTime() - latestArrivalMs;
}

/** @param items of a report */
export function reportedItems(
  source: Source,
  items: readonly {
    outcome: string;
    item?: { path: string[] } | undefined;
    prefix?: string | undefined;
    snapshot?: string | undefined;
  }[],
): ReportedItems {
  const named = new Set<string>();
  const failed = new Set<string>();
  for (const { outcome, item, prefix, snapshot } of items) {
    if (prefix !== undefined && snapshot !== undefined) named.add(snapshotPrefix(prefix, snapshot));
    if (outcome === 'failed' && item && item.path.length > 0) failed.add(itemPrefix(source, item.path));
  }
  return { named, failed };
}
