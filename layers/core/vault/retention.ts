import pMap from 'p-map';
import { hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import { madeAt, Catalogue, type Lineage, type SnapshotEntry } from './catalogue.ts';
import { snapshotPrefix, type Source } from './layout.ts';
import { timeOf, type SnapshotId } from './snapshot-id.ts';
import { neededBy, type Manifest } from './manifest.ts';
import { contentOfEqual } from './previous.ts';
import { Removal } from './removal.ts';
import { ReportedSnapshots } from './reported.ts';
import { keptByPolicy, type DatedSnapshot, type RetentionPolicy } from './retention-policy.ts';
import type { Vault } from './storage/vault.ts';
import { longestRunMs } from './under-way.ts';

export interface RetentionRequest {
  source: Source;
  policy: RetentionPolicy;
  now: Date;
  /** Only say what would be removed. */
  dryRun: boolean;
  /** After this time a backup that has not ended is dead, not under way; by default what no run outlasts. */
  deadAfterMs?: number | undefined;
  /** Which items; by default all. */
  only?: ((lineage: Lineage) => boolean) | undefined;
  signal?: AbortSignal | undefined;
  /** Told of each snapshot that the policy keeps, and by which of its rules or for what else. */
  onKept?: (snapshot: KeptSnapshot) => void;
  /** Told of each snapshot that is gone, or would be. */
  onRemoved?: (snapshot: RemovedSnapshot) => void;
  /** Told of each item of which less was removed than the policy says, because of damage. */
  onSpared?: (item: { item: string; why: string }) => void;
  /** Told of each item of which nothing was removed now, because a backup of it is under way. */
  onBusy?: (item: { item: string; why: string }) => void;
}

export interface RemovedSnapshot {
  item: string;
  snapshot: SnapshotId;
  bytes: number;
}

export interface KeptSnapshot {
  item: string;
  snapshot: SnapshotId;
  /** For people: `newest 3`, `day 2026-11-03`, `needed by 2026-11-04T…`. */
  reasons: string[];
}

export interface RetentionResult {
  /** Snapshots that stay. */
  kept: number;
  /** Snapshots that went, or would have gone. */
  removed: number;
  /** Items of which nothing was removed, or less than the policy says. */
  spared: number;
}

/** Items at once: a bucket answers many requests as fast as one. */
const concurrency = 8;

/** Items whose removals are announced, looked through again, recorded and made together. */
const itemsAtOnce = 256;

/**
 * Removes what the policy no longer keeps. What a kept snapshot needs is kept with it: the data of its chain, and the
 * snapshot to which it is equal. The manifest goes first, so that whatever is interrupted leaves whole snapshots and
 * leftovers only.
 */
export async function applyRetention(vault: Vault, request: RetentionRequest): Promise<RetentionResult> {
  const pass = new Pass(vault, request);
  let chunk: Lineage[] = [];
  for await (const lineage of pass.catalogue.lineages(request.source)) {
    if (request.only && !request.only(lineage)) continue;
    chunk.push(lineage);
    if (chunk.length < itemsAtOnce) continue;
    await pass.settle(chunk);
    chunk = [];
  }
  await pass.settle(chunk);
  await pass.finish();
  return pass.result;
}

interface Decision {
  lineage: Lineage;
  /** Each after all that build on it. */
  doomed: SnapshotEntry[];
}

class Pass {
  readonly catalogue: Catalogue;
  readonly result: RetentionResult = { kept: 0, removed: 0, spared: 0 };
  readonly #request: RetentionRequest;
  readonly #reported: ReportedSnapshots;
  readonly #removal: Removal;

  constructor(vault: Vault, request: RetentionRequest) {
    this.#request = request;
    this.catalogue = new Catalogue(vault);
    this.#reported = new ReportedSnapshots(vault, request.source);
    this.#removal = new Removal(vault, this.catalogue, request.source, request.deadAfterMs ?? longestRunMs);
  }

  async settle(lineages: Lineage[]): Promise<void> {
    const { dryRun, onBusy, onRemoved } = this.#request;
    if (!dryRun) await allOrError(lineages, ({ snapshots }) => this.#removal.clearPins(snapshots));
    const decided = await allOrError(lineages, (lineage) => this.#decide(lineage));
    let due = decided.filter(({ doomed }) => doomed.length > 0);
    if (!dryRun && due.length > 0) {
      await allOrError(due, ({ doomed }) => this.#removal.announce(doomed));
      const busy = await this.#removal.stillNeeded(due);
      for (const [{ lineage, doomed }, why] of busy) {
        this.result.kept += doomed.length;
        onBusy?.({ item: lineage.address, why });
      }
      due = due.filter((decision) => !busy.has(decision));
      await this.#removal.record(due.flatMap(({ doomed }) => doomed));
    }
    await allOrError(due, async ({ doomed }) => {
      for (const entry of doomed) {
        throwIfInterrupted(this.#request.signal);
        if (!dryRun) await this.#removal.remove(entry);
        this.result.removed++;
        const bytes = entry.objects.reduce((sum, object) => sum + object.bytes, 0);
        onRemoved?.({ item: entry.item, snapshot: entry.snapshot, bytes });
      }
    });
  }

  async finish(): Promise<void> {
    if (!this.#request.dryRun) await this.#removal.clearMarks(this.#request.now);
  }

  async #decide(lineage: Lineage): Promise<Decision> {
    throwIfInterrupted(this.#request.signal);
    const doomed = await this.#doomedAmong(lineage).catch((error: unknown) => {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      this.#spare(lineage, messageOf(error));
      this.#tellKept(lineage.snapshots, () => ['kept because of damage']);
      return [];
    });
    this.result.kept += lineage.snapshots.length - doomed.length;
    return { lineage, doomed };
  }

  #spare({ address }: Lineage, why: string): void {
    this.result.spared++;
    this.#request.onSpared?.({ item: address, why });
  }

  #tellKept(snapshots: SnapshotEntry[], reasonsOf: (key: string) => string[] | undefined): void {
    for (const entry of snapshots) {
      const reasons = reasonsOf(keyOf(entry));
      if (reasons) this.#request.onKept?.({ item: entry.item, snapshot: entry.snapshot, reasons });
    }
  }

  async #doomedAmong(lineage: Lineage): Promise<SnapshotEntry[]> {
    const { snapshots } = lineage;
    const { policy, now } = this.#request;
    const all = snapshots.map(dated);
    const byRules = keptByPolicy(all, policy, now);
    if (byRules.size === snapshots.length) {
      this.#tellKept(snapshots, (key) => byRules.get(key));
      return [];
    }
    const manifests = new Manifests(this.catalogue);
    const broken = await brokenAmong(snapshots, manifests);
    const kept = await this.#kept(snapshots, broken);
    const reasons = new Map(kept);
    // What is needed must stay whole itself: a file that records share may be all that is needed of a snapshot.
    const byKey = new Map(snapshots.map((entry) => [keyOf(entry), entry]));
    const due = snapshots.filter((one) => kept.has(keyOf(one)));
    for (const entry of due) {
      const manifest = kept.has(keyOf(entry)) ? await manifests.read(entry) : await manifests.readable(entry);
      for (const key of manifest ? neededBy(manifest) : []) {
        const needed = byKey.get(key);
        if (needed && !reasons.has(key)) due.push(needed);
        reasons.set(key, [...(reasons.get(key) ?? []), `needed by ${entry.snapshot}`]);
      }
    }
    const doomed = snapshots.filter((entry) => !reasons.has(keyOf(entry)));
    this.#tellKept(snapshots, (key) => reasons.get(key));
    if (broken.size > 0)
      this.#spare(
        lineage,
        `${broken.size} of its snapshots are known to be damaged; they do not count in place of intact ones, so more snapshots are kept`,
      );
    return dependentsFirst(doomed, manifests);
  }

  /**
   * What any of several views of the item keeps. Snapshots displace older ones, so those that may be false or useless
   * must not: a snapshot stays unless it would go whether or not they were there. So whatever is added by who may only
   * add, nothing goes that is known from elsewhere.
   */
  async #kept(snapshots: SnapshotEntry[], broken: ReadonlySet<string>): Promise<Map<string, string[]>> {
    const { policy, now } = this.#request;
    const sound = (entry: SnapshotEntry): boolean => !broken.has(keyOf(entry));
    const views = [
      snapshots,
      snapshots.filter(sound),
      snapshots.filter(wasOnTime),
      snapshots.filter(wasOnTime).filter(sound),
    ];
    const kept = new Map<string, string[]>();
    const add = (found: ReadonlyMap<string, string[]>): void => {
      for (const [key, rules] of found) kept.set(key, [...new Set([...(kept.get(key) ?? []), ...rules])]);
    };
    for (const view of views) add(keptByPolicy(view.map(dated), policy, now));
    const ranks = { ...policy, days: 0 };
    for (const view of [snapshots, snapshots.filter(sound)]) add(await this.#keptOfKnown(view, ranks));
    return kept;
  }

  /** What the policy keeps of the snapshots that a report names or a check has proven. */
  async #keptOfKnown(snapshots: SnapshotEntry[], policy: RetentionPolicy): Promise<Map<string, string[]>> {
    let known = snapshots;
    for (;;) {
      const kept = keptByPolicy(known.map(dated), policy, this.#request.now);
      const unknown = new Set<SnapshotEntry>();
      // Only what displaces others is looked up: an item may have thousands of snapshots.
      for (const entry of known)
        if (kept.has(keyOf(entry)) && entry.checked !== 'intact' && !(await this.#reported.has(entry)))
          unknown.add(entry);
      if (unknown.size === 0) return kept;
      known = known.filter((entry) => !unknown.has(entry));
    }
  }
}

/** Reads each manifest once. */
class Manifests {
  readonly #catalogue: Catalogue;
  readonly #read = new Map<string, Promise<Manifest>>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  read(entry: SnapshotEntry): Promise<Manifest> {
    const key = keyOf(entry);
    let found = this.#read.get(key);
    if (!found) {
      found = this.#catalogue.manifest(entry.item, entry.snapshot).then(({ manifest }) => manifest);
      this.#read.set(key, found);
    }
    return found;
  }

  /** Undefined where it is damaged or gone. */
  async readable(entry: SnapshotEntry): Promise<Manifest | undefined> {
    try {
      return await this.read(entry);
    } catch (error) {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      return undefined;
    }
  }
}

function keyOf({ item, snapshot }: { item: string; snapshot: string }): string {
  return snapshotPrefix(item, snapshot);
}

/**
 * Snapshots are put in order by the earlier of the time in their id and the time at which storage received them, and
 * their age counts from the later: no one can make one newer than it is, nor age it.
 */
function dated(entry: SnapshotEntry): DatedSnapshot {
  const named = timeOf(entry.snapshot).getTime();
  const agesFrom = new Date(Math.max(named, entry.manifestModified?.getTime() ?? 0));
  return { key: keyOf(entry), time: new Date(madeAt(entry)), agesFrom, verified: entry.checked === 'intact' };
}

const dayMs = 86_400_000;

/** An execution can be redriven for 14 days after its end, and then goes on under its old name for at most five more. */
const latestArrivalMs = 20 * dayMs;

/** Whether storage received a snapshot when its name says that it was made; not so of one that was copied or back-dated. */
function wasOnTime({ snapshot, manifestModified }: SnapshotEntry): boolean {
  const late = (manifestModified?.getTime() ?? 0) - timeOf(snapshot).getTime();
  return late >= -dayMs && late <= latestArrivalMs;
}

/** The snapshots that a check found damaged, those to which these are equal, and all that build on them, by prefix. */
async function brokenAmong(snapshots: SnapshotEntry[], manifests: Manifests): Promise<Set<string>> {
  const broken = new Set(snapshots.filter(({ checked }) => checked === 'damaged').map(keyOf));
  if (broken.size === 0) return broken;
  const read = await allOrError(snapshots, async (entry) => {
    const manifest = await manifests.readable(entry);
    const equal = manifest && contentOfEqual(manifest);
    if (equal !== undefined && broken.has(keyOf(entry))) broken.add(equal);
    return { key: keyOf(entry), needs: manifest ? neededBy(manifest) : undefined };
  });
  // What is unreadable is broken as well, once it is looked at.
  for (const { key, needs } of read) if (!needs) broken.add(key);
  for (let known = -1; known !== broken.size;) {
    known = broken.size;
    for (const { key, needs = [] } of read) if (needs.some((need) => broken.has(need))) broken.add(key);
  }
  return broken;
}

/** Puts each snapshot before those on which it builds, whatever their names say of their age. */
async function dependentsFirst(doomed: SnapshotEntry[], manifests: Manifests): Promise<SnapshotEntry[]> {
  const needs = new Map<string, Set<string>>();
  for (const entry of doomed) {
    const manifest = await manifests.readable(entry);
    needs.set(keyOf(entry), new Set(manifest ? neededBy(manifest) : []));
  }
  const ordered: SnapshotEntry[] = [];
  let left = doomed.toReversed();
  while (left.length > 0) {
    const free = left.filter(
      (entry) => !left.some((other) => other !== entry && needs.get(keyOf(other))?.has(keyOf(entry))),
    );
    // Only forged ones can build on one another in a circle; none of them restores.
    const next = free.length > 0 ? free : left;
    ordered.push(...next);
    left = left.filter((entry) => !next.includes(entry));
  }
  return ordered;
}

/**
 * Works through a list. After a failure nothing more is begun, and nothing is under way any more when it is thrown: a
 * function that goes on after its end would do so in the middle of the next one.
 */
async function allOrError<T, Result>(list: readonly T[], work: (one: T) => Promise<Result>): Promise<Result[]> {
  let failed: { error: unknown } | undefined;
  const results = await pMap(
    list,
    async (one) => {
      if (failed) return undefined;
      try {
        return { result: await work(one) };
      } catch (error) {
        failed ??= { error };
        return undefined;
      }
    },
    { concurrency },
  );
  if (failed) throw failed.error;
  return results.flatMap((one) => (one ? [one.result] : []));
}
